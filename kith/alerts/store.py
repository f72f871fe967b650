"""The incidents, beside the warehouse, for it may be what is down: SQLite at KITH_HOME/incidents.db.

incidents   each from when it was found to its end
told        which channel was told of which one's begin and end
channels    those that were ever there: a new one is not told of what is long over
noted       what commands say that no table of the warehouse tells: a build or a sync that failed before it
            could write there
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kith.alerts.finding import AREAS, Finding, Seen
from reverse_etl.errors import WarehouseError

FILE = "incidents.db"
KEPT = timedelta(days=90)  # from its end
SCHEMA = """
create table if not exists incidents (
    id integer primary key, key text not null, kind text not null, subject text not null,
    problem text not null, command text not null, owner text not null, since text not null, ended_at text
) strict;
create table if not exists told (
    incident integer not null, channel text not null, part text not null,
    primary key (incident, channel, part)
) strict, without rowid;
create table if not exists channels (name text primary key) strict, without rowid;
create table if not exists noted (
    what text not null, name text not null, problem text not null, at text not null, primary key (what, name)
) strict, without rowid;
"""
OPENED, ENDED = "opened", "ended"


@dataclass(frozen=True)
class Incident:
    """Something that was found wrong. Times are UTC without a zone.

    Attributes:
        ended_at: when it was found to be over; None while it is not.
    """

    id: int
    kind: str
    subject: str
    problem: str
    command: str
    owner: str
    since: datetime
    ended_at: datetime | None


class Incidents:
    """Open with `open_incidents`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def open(self) -> list[Incident]:
        """Those that are not over, the oldest first."""
        return self._read("ended_at is null")

    def compare(self, seen: Seen, now: datetime) -> None:
        """Open what is new, end what is over, keep the last words of what goes on."""
        found = {finding.key: finding for finding in seen.findings}
        rows = self._db.execute(
            "select id, key, kind, subject from incidents where ended_at is null"
        ).fetchall()
        with self._db:
            for id_, key, kind, subject in rows:
                if key in found:
                    self._go_on(id_, found.pop(key))
                elif AREAS[kind] in seen.looked and subject not in seen.undecided:
                    self._db.execute("update incidents set ended_at = ? where id = ?", [_text(now), id_])
            for finding in found.values():
                self._begin(finding, now)
            self._forget(now - KEPT)

    def untold(self, channel: str) -> tuple[list[Incident], list[Incident]]:
        """What the channel is to be told: begins of what goes on, and ends."""
        self._know(channel)
        asked = "id not in (select incident from told where channel = ? and part = ?) and ended_at is "
        begun = self._read(f"{asked} null", channel, OPENED)
        return begun, self._read(f"{asked} not null", channel, ENDED)

    def told(self, channel: str, begun: Sequence[Incident], ended: Sequence[Incident]) -> None:
        """The channel was told."""
        parts = [(one.id, channel, OPENED) for one in begun] + [(one.id, channel, ENDED) for one in ended]
        with self._db:
            self._db.executemany("insert or ignore into told values (?, ?, ?)", parts)

    def noted(self, what: str) -> dict[str, tuple[str, datetime]]:
        """Name → the problem, and when it was noted."""
        rows = self._db.execute("select name, problem, at from noted where what = ? order by name", [what])
        return {name: (problem, datetime.fromisoformat(at)) for name, problem, at in rows}

    def note(self, what: str, problems: Mapping[str, str | None], now: datetime) -> None:
        """Keep a problem by name; None says that it is over."""
        with self._db:
            for name, problem in problems.items():
                if problem is None:
                    self._db.execute("delete from noted where what = ? and name = ?", [what, name])
                    continue
                insert = "insert or replace into noted values (?, ?, ?, ?)"
                self._db.execute(insert, [what, name, problem, _text(now)])

    def _read(self, where: str, *values: str) -> list[Incident]:
        rows = self._db.execute(
            "select id, kind, subject, problem, command, owner, since, ended_at from incidents "
            f"where {where} order by since, id",
            values,
        )
        return [_incident(*row) for row in rows]

    def _begin(self, finding: Finding, now: datetime) -> None:
        names = ("key", "kind", "subject", "problem", "command", "owner")
        values = [getattr(finding, name) for name in names]
        self._db.execute(
            f"insert into incidents ({', '.join(names)}, since) values (?, ?, ?, ?, ?, ?, ?)",
            [*values, _text(finding.since or now)],
        )

    def _go_on(self, id_: int, finding: Finding) -> None:
        update = "update incidents set problem = ?, command = ?, owner = ? where id = ?"
        self._db.execute(update, [finding.problem, finding.command, finding.owner, id_])

    def _know(self, channel: str) -> None:
        with self._db:
            if self._db.execute("insert or ignore into channels values (?)", [channel]).rowcount > 0:
                self._db.execute(
                    "insert or ignore into told select id, ?, ? from incidents where ended_at is not null",
                    [channel, ENDED],
                )

    def _forget(self, before: datetime) -> None:
        self._db.execute("delete from incidents where ended_at < ?", [_text(before)])
        self._db.execute("delete from told where incident not in (select id from incidents)")


def are_kept(home: Path) -> bool:
    """True when anything was ever noted or found."""
    return (home / FILE).exists()


@contextmanager
def open_incidents(home: Path) -> Iterator[Incidents]:
    """The file, made when it is absent, for its owner alone.

    Raises:
        WarehouseError: it cannot be read or written, as on a full disk.
    """
    path = home / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.executescript(SCHEMA)
            yield Incidents(connection)
    except (OSError, sqlite3.Error) as error:
        raise WarehouseError(
            f"{path} cannot be used ({type(error).__name__}).",
            "Free some space, or give the folder write permission; a damaged file may be deleted.",
        ) from error


def open_now(home: Path) -> list[Incident]:
    """Incidents that the last round left open; nothing is looked at.

    Raises:
        WarehouseError: as `open_incidents`.
    """
    if not are_kept(home):
        return []
    with open_incidents(home) as incidents:
        return incidents.open()


def _incident(id_: int, *rest: str) -> Incident:
    kind, subject, problem, command, owner, since, ended = rest
    over = datetime.fromisoformat(ended) if ended else None
    return Incident(id_, kind, subject, problem, command, owner, datetime.fromisoformat(since), over)


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
