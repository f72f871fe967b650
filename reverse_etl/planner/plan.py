"""A plan: what one run would do, in counts and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from reverse_etl.planner import store
from reverse_etl.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What one run would do. Holds counts and reasons, no person's values.

    Attributes:
        plan_id: its folder in KITH_HOME/plans.
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
    """

    plan_id: str
    sync: str
    destination: str
    model: str
    read_at: str
    mapping: str
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

    @property
    def planned(self) -> int:
        """Records that a run would send."""
        return self.new + self.changed + self.removed

    @property
    def held_count(self) -> int:
        """Records held back."""
        return sum(self.held.values())


def load_plan(settings: Settings, plan_id: str) -> Plan:
    """A plan made before.

    Raises:
        UsageError: there is none.
    """
    return Plan(**store.read_facts(settings, plan_id))


def hold_plan(settings: Settings, plan: Plan, reasons: Sequence[str]) -> Plan:
    """The plan, kept as one that a person has to approve for these reasons too.

    Raises:
        WarehouseError: the disk is full or read-only.
    """
    known = plan.guard or ""
    said = [reason for reason in reasons if reason not in known]
    held = replace(plan, guard="; ".join([*said, *([known] if known else [])]))
    store.write_facts(settings, plan.plan_id, asdict(held))
    return held
