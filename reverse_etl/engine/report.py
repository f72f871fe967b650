"""What a run is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from reverse_etl.destinations import Capabilities, DestinationConfig, Kind, Limits


@dataclass(frozen=True)
class RunReport:
    """What a run did. planned = delivered + rejected + deferred.

    Attributes:
        status: undone, or done, rejected (some records were), stopped or interrupted (the rest is deferred).
        held: reason → records that the plan held back; they are not planned.
        deferred: planned, and left to a later run: withdrawn since, never answered, after the
            stop, or not for this mode.
        withheld: of the deferred, those whose consent was withdrawn since the plan was made.
        reasons: why records were rejected → how many.
        skipped: reason → of the deferred, those for which the sync's mode sends nothing.
        edited: field → records in which it was left alone because somebody edited it there.
        left: keys that an undo left as they are, for they were edited since.
        notes: the plan's.
        recovered: records that a killed run had delivered, and that this one found in the journal.
        requests_retried: requests that were sent again.
        paused: times that sending was paused, for request after request failed.
        location: the file written, for a file.
        error: why sending stopped early, or what those that were never answered suffered last.
        failure: the class of that: configuration (a person must act) or retriable; None without one.
    """

    run_id: str
    sync: str
    destination: str
    plan_id: str
    status: str
    rows: int
    planned: int
    delivered: int
    rejected: int
    deferred: int
    withheld: int
    new: int
    changed: int
    removed: int
    unchanged: int
    held: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    edited: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    recovered: int = 0
    requests_retried: int = 0
    paused: int = 0
    seconds: float = 0.0
    location: str | None = None
    error: str | None = None
    failure: str | None = None

    @property
    def ok(self) -> bool:
        """True when nothing was rejected and nothing stopped it."""
        return self.status in ("done", "undone") and not self.rejected


@dataclass(frozen=True)
class DriftSample:
    """A record that is not as it was left: a person's.

    Attributes:
        state: edited, gone or foreign.
        fields: of an edited one, field → what it holds now.
    """

    state: str
    key: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drift:
    """How far a destination is from what a sync left there. Holds counts, and no person's values.

    asked = read + unread, and read = equal + edited + gone + foreign + unknown.

    Attributes:
        held: records that the destination holds by this sync.
        asked: of them, those that were asked for.
        equal: as they were left.
        edited: records in which a field holds something else.
        gone: that are not there any more: deleted, or merged into another.
        foreign: that carry another record's key by now.
        unknown: that are there, and of which the receipts do not say what was left: the sync's fields or
            the form of digests changed since, or it was taken back.
        unread: that were asked for, and not answered.
        fields: field → records in which it was edited.
        reasons: why records were refused or not answered → how many.
        notes: what wants to be known.
        samples: a few records of each kind, where values are asked for; None where they are not.
        error: what ended it early, or what those that were never answered suffered last.
    """

    sync: str
    destination: str
    held: int
    asked: int
    read: int = 0
    equal: int = 0
    edited: int = 0
    gone: int = 0
    foreign: int = 0
    unknown: int = 0
    unread: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    samples: list[DriftSample] | None = None
    requests_retried: int = 0
    paused: int = 0
    seconds: float = 0.0
    error: str | None = None

    @property
    def ok(self) -> bool:
        """True when all that was asked for was read, whatever was found."""
        return not self.unread


@dataclass(frozen=True)
class Target:
    """Where a sync goes: the account, or a sandbox in its place.

    Attributes:
        label: the name in state and reports; a sandbox's state is kept apart from the account's.
        limits: the account's, and the sync's own batch.
    """

    label: str
    kind: Kind
    config: DestinationConfig
    can: Capabilities
    sandboxed: bool
    limits: Limits
