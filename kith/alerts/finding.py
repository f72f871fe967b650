"""Something that is wrong now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# Kind → where it is looked for. What could not be looked at ends none of its incidents.
AREAS = {
    "failed": "syncs",
    "held": "syncs",
    "parked": "syncs",
    "build": "builds",
    "stale": "sources",
    "unreadable": "all",
}
BUILD = "the build"  # the name of what ended before any model was built


@dataclass(frozen=True)
class Finding:
    """What is wrong with what: names, counts and codes; no person's data, no secret.

    Attributes:
        kind: failed, held or parked (a sync), build, stale (a source) or unreadable (files, the warehouse).
        subject: what it is of.
        problem: what is wrong, in a sentence.
        command: what to do.
        cause: tells failures of one subject apart.
        owner: whom to ask; empty where nobody is named.
        since: UTC without a zone, where it is known.
    """

    kind: str
    subject: str
    problem: str
    command: str
    cause: str = ""
    owner: str = ""
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The same for as long as it is the same incident, whatever its figures."""
        return "\n".join((self.kind, self.subject, self.cause))


@dataclass
class Seen:
    """What a look found.

    Attributes:
        looked: the areas that could be looked at.
        undecided: subjects of which it is not known now, as of a sync that is running.
    """

    findings: list[Finding] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)
