"""An alert's words: what is wrong, since when, whose it is, what to do; and at its end how long it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kith.alerts.store import Incident

MOST = 20  # in one message
TITLES = {
    "failed": "FAILED",
    "held": "HELD",
    "parked": "REJECTED",
    "build": "BUILD FAILED",
    "stale": "STALE",
    "unreadable": "UNREADABLE",
}


@dataclass(frozen=True)
class Message:
    """What one channel is told in one round.

    Attributes:
        id: the same when the same is told again, as after a kill.
    """

    id: str
    subject: str
    text: str


def message(
    begun: Sequence[Incident], ended: Sequence[Incident], open_: Sequence[Incident], now: datetime
) -> Message:
    """Of incidents that a channel was not told of.

    Args:
        open_: all that go on, so that an end does not sound as if all were well.
    """
    parts = [*(_begun(one, now) for one in begun), *(_ended(one, open_) for one in ended)]
    more = [f"and {len(parts) - MOST:,} more: kith alerts"] if len(parts) > MOST else []
    told = "\n".join(
        f"{one.id} {one.kind} {one.subject} {one.since} {one.ended_at}" for one in [*begun, *ended]
    )
    id_ = hashlib.sha256(told.encode()).hexdigest()[:32]
    return Message(id_, _subject(begun, ended), "\n\n".join([*parts[:MOST], *more]) + "\n")


def title(incident: Incident) -> str:
    """What is wrong with what."""
    return f"{TITLES[incident.kind]}  {_line(incident.subject)}"


def lines(incident: Incident, now: datetime) -> Iterator[str]:
    """What is known of one that goes on."""
    yield f"what   {_line(incident.problem)}"
    yield f"since  {_moment(incident.since)} ({lasted(incident.since, now)})"
    if incident.owner:
        yield f"owner  {_line(incident.owner)}"
    yield f"to do  {incident.command}"


def lasted(since: datetime, until: datetime) -> str:
    """In its two largest units."""
    minutes = max(timedelta(), until.replace(tzinfo=None) - since) // timedelta(minutes=1)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days:,} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _begun(incident: Incident, now: datetime) -> str:
    return "\n  ".join([title(incident), *lines(incident, now)])


def _ended(incident: Incident, open_: Sequence[Incident]) -> str:
    assert incident.ended_at is not None
    still = [TITLES[other.kind] for other in open_ if other.subject == incident.subject]
    told = [
        f"ENDED  {title(incident)}",
        f"lasted {lasted(incident.since, incident.ended_at)}, "
        f"from {_moment(incident.since)} to {_moment(incident.ended_at)}",
        f"was    {_line(incident.problem)}",
    ]
    return "\n  ".join([*told, *([f"still  {', '.join(still)}"] if still else [])])


def _subject(begun: Sequence[Incident], ended: Sequence[Incident]) -> str:
    if len(begun) + len(ended) == 1:
        return f"Kith: {title(begun[0]) if begun else f'ENDED  {title(ended[0])}'}"
    return f"Kith: {len(begun):,} begun, {len(ended):,} ended"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _line(text: str) -> str:
    """As one line, whatever was written in a file."""
    return " ".join(text.split())
