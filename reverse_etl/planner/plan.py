"""A plan: what one run would do, in counts and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from reverse_etl.errors import UsageError
from reverse_etl.planner import store
from reverse_etl.planner.samples import Sample
from reverse_etl.settings import Settings

SANDBOX = "@sandbox"  # after the account's name


@dataclass(frozen=True)
class Plan:
    """What one run would do. Holds counts and reasons, no person's values.

    Attributes:
        plan_id: its folder in KITH_HOME/plans.
        terms: what the sync said of how the plan is carried out; another sync's word makes it out of date.
        chunks: files of frozen rows.
        shown: True when it was made to be looked at, False when a run made it for itself.
        personal_keys: True when the records' keys are personal data.
        read_at: when the model was read, ISO 8601 UTC.
        changed_fields: field → changed records in which it differs; empty after a change of the mapping.
        remapped: records that are sent anew because the mapping or the digest's version changed.
        rekeyed: of the changed, records of a merged person that carry on as the survivor's.
        resync: records that are sent anew because a person asked for it.
        undone: records that a person undid, and that would be sent again.
        kind: sync, or undo: what a run did is taken back.
        undoes: the run that an undo takes back.
        left: records that left the model and stay at the destination.
        held: reason → records not sent.
        removed_reasons: reason → records to remove.
        after_run: the journal's last run of the sync when the plan was made.
        consent: what was asked of `marts.consents`, in words; None when no row is a person.
        contact: True when consent was asked for each row's own address.
        granted: people who consent to purpose and channel; None as above.
        lost: records that the journal knows to be delivered and `ops.sync_records` does not.
        columns: column that the sync reads → its type in the warehouse.
        built_at: when the model was last built well, ISO 8601 UTC; None where no build said so.
        build_failed: what failed in its last build; None when nothing did.
        notes: what is no reason to hold it and wants to be known.
        guard: why a person has to approve this plan, or None.
        samples: a few of its records; known when it is made, and not kept.
    """

    plan_id: str
    sync: str
    destination: str
    model: str
    read_at: str
    mapping: str
    terms: dict[str, Any] = field(default_factory=dict)
    chunks: int = 0
    shown: bool = False
    personal_keys: bool = False
    rows: int = 0
    delivered_before: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    left: int = 0
    remapped: int = 0
    rekeyed: int = 0
    resync: int = 0
    undone: int = 0
    kind: str = "sync"
    undoes: str | None = None
    changed_fields: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    removed_reasons: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    batch: int = 0
    requests_per_second: float = 0
    after_run: int = 0
    consent: str | None = None
    contact: bool = False
    granted: int | None = None
    lost: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    built_at: str | None = None
    build_failed: str | None = None
    notes: list[str] = field(default_factory=list)
    guard: str | None = None
    samples: list[Sample] = field(default_factory=list)

    @property
    def planned(self) -> int:
        """Records that a run would send."""
        return self.new + self.changed + self.removed

    @property
    def held_count(self) -> int:
        """Records held back."""
        return sum(self.held.values())

    @property
    def sandboxed(self) -> bool:
        """True when it is for a sandbox in place of the account."""
        return self.destination.endswith(SANDBOX)

    @property
    def anew(self) -> str:
        """The command that plans anew."""
        return f"kith sync plan {self.sync}{' --sandbox' if self.sandboxed else ''}"


def load_plan(settings: Settings, plan_id: str) -> Plan:
    """A plan made before.

    Raises:
        UsageError: there is none, or it is damaged.
    """
    facts = store.read_facts(settings, plan_id)
    try:
        return Plan(**facts)
    except TypeError:
        raise store.damaged(plan_id, "its plan.json is not a plan's") from None


def check_rows(settings: Settings, made: Plan) -> None:
    """Hold the frozen rows against what the plan says of them, before any is sent.

    Raises:
        UsageError: they are expired, or damaged.
    """
    chunks = store.chunks_of(settings, made.plan_id)
    if (made.chunks and not chunks) or any(map(store.is_expired, chunks)):
        raise UsageError(
            f"The plan {made.plan_id} has expired: it was made at {made.read_at}, and rows are kept for "
            f"{store.KEPT_DAYS} days. Nothing was sent.",
            f"Plan anew: {made.anew}",
        )
    if len(chunks) != made.chunks:
        there = f"it was made with {made.chunks} files of rows and has {len(chunks)}"
        raise store.damaged(made.plan_id, f"{there}. Nothing was sent", made.anew)
    for path in chunks:
        if store.unreadable(path):
            raise store.damaged(made.plan_id, f"{path.name} cannot be read. Nothing was sent", made.anew)


def kept_facts(plan: Plan) -> dict[str, Any]:
    """Of a plan, what outlives its rows: no record's key."""
    return {name: value for name, value in asdict(plan).items() if name != "samples"}


def hold_plan(settings: Settings, plan: Plan, reasons: Sequence[str]) -> Plan:
    """The plan, kept as one that a person has to approve for these reasons too.

    Raises:
        WarehouseError: the disk is full or read-only.
    """
    known = plan.guard or ""
    said = [reason for reason in reasons if reason not in known]
    held = replace(plan, guard="; ".join([*said, *([known] if known else [])]))
    store.write_facts(settings, plan.plan_id, kept_facts(held))
    return held
