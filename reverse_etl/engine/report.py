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
