"""One run of one sync: recover what a killed run left, gate, plan, ask consent again, send, merge.

No warehouse connection is open while the network is talked to.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlglot import exp

from reverse_etl.config.load import Sync
from reverse_etl.config.secrets import resolve
from reverse_etl.destinations import Opening, Outcome, Record
from reverse_etl.destinations.base import effective_limits
from reverse_etl.engine.deliver import UNANSWERED, Delivery, deliver
from reverse_etl.engine.report import RunReport, Target
from reverse_etl.engine.rows import PlanRows, batched
from reverse_etl.errors import ConfigurationError, HeldError, KithError, UsageError, WarehouseError
from reverse_etl.planner import store
from reverse_etl.planner.plan import Plan, field_rules, load_plan, make_plan, mapping_digest
from reverse_etl.planner.recheck import withheld_keys
from reverse_etl.planner.render import DIGEST_VERSION
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import Acknowledged, Journal, Rejected, RunRow, open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.state.merge import merge_runs
from reverse_etl.warehouse import Warehouse

Gate = Callable[[], None]
Progress = Callable[[int, int], None]


@dataclass
class _Run:
    settings: Settings
    warehouse: Warehouse
    journal: Journal
    sync: Sync
    target: Target
    gate: Gate | None
    on_progress: Progress
    run_id: str = ""
    recovered: int = 0
    retried: int = 0
    clock_start: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The settings' clock, moved on by the time that the run takes."""
        return self.settings.now + timedelta(seconds=time.monotonic() - self.clock_start)


def run(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    *,
    plan_id: str | None,
    gate: Gate | None,
    on_progress: Progress = lambda sent, planned: None,
) -> RunReport:
    """Run a sync once; what was refused is in the report.

    Raises:
        HeldError: the gate, a guard or another run holds it.
        ConfigurationError: the credential is not set; before anything is planned.
        UsageError: no such plan, or one that was sent or overtaken.
    """
    if not target.sandboxed:
        _resolve(settings, sync, target)
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = _Run(settings, warehouse, journal, sync, target, gate, on_progress)
        _recover(running)
        plan = _planned(running, plan_id)
        return _send(running, plan)


def plan(settings: Settings, warehouse: Warehouse, sync: Sync, target: Target) -> Plan:
    """Plan a sync, with what a killed run delivered counted in. No network.

    Raises:
        HeldError: the model cannot be sent as it is.
    """
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        _recover(_Run(settings, warehouse, journal, sync, target, None, lambda sent, planned: None))
        return _make(settings, warehouse, sync, target, journal)


def _make(settings: Settings, warehouse: Warehouse, sync: Sync, target: Target, journal: Journal) -> Plan:
    return make_plan(
        settings,
        warehouse,
        sync,
        target.label,
        target.can,
        batch=target.batch,
        requests_per_second=effective_limits(target.kind, target.config).requests_per_second,
        journal=journal,
    )


def _recover(running: _Run) -> None:
    """Whatever the journal holds and the warehouse does not was left by a run that was killed."""
    left = running.journal.unmerged(running.sync.name, running.target.label)
    running.recovered = sum(running.journal.counts(row.run_id)[0] for row in left)
    for row in left:
        if row.status == "running":
            running.journal.update(row.run_id, status="interrupted", finished_at=running.now().isoformat())
    merge_runs(
        running.warehouse, running.journal, running.journal.unmerged(running.sync.name, running.target.label)
    )


def _planned(running: _Run, plan_id: str | None) -> Plan:
    # Who approved a plan has seen its figures; its rows are frozen, whatever the model holds by now.
    approved = plan_id is not None and store.is_approved(running.settings, plan_id)
    if running.gate is not None and not approved:
        try:
            running.gate()
        except HeldError as error:
            _note_held(running, None, error)
            raise
    made = _checked_plan(running, plan_id) if plan_id else _fresh(running)
    if made.guard and not store.is_approved(running.settings, made.plan_id):
        held = HeldError(
            f"HELD  {made.sync}  {made.guard}. Nothing was sent.",
            f'To see: kith sync plan {made.sync}. To send: kith sync approve {made.plan_id} --reason "…"',
        )
        _note_held(running, made, held)
        raise held
    return made


def _fresh(running: _Run) -> Plan:
    try:
        return _make(running.settings, running.warehouse, running.sync, running.target, running.journal)
    except HeldError as error:
        _note_held(running, None, error)
        raise


def _checked_plan(running: _Run, plan_id: str) -> Plan:
    made = load_plan(running.settings, plan_id)
    if (made.sync, made.destination) != (running.sync.name, running.target.label):
        raise UsageError(f"The plan {plan_id} is for {made.sync} to {made.destination}.", "Name that sync.")
    statuses = running.journal.runs_of(plan_id)
    if any(status in ("done", "rejected") for status in statuses):
        raise UsageError(f"The plan {plan_id} was sent already.", f"Plan anew: kith sync plan {made.sync}")
    overtaken = running.journal.overtaken(made.sync, made.destination, plan_id, made.after_run)
    if overtaken or made.mapping != mapping_digest(field_rules(running.sync.file, running.target.can)):
        why = "another plan was sent since" if overtaken else "the sync's fields changed since"
        raise UsageError(
            f"The plan {plan_id} is out of date: {why}.", f"Plan anew: kith sync plan {made.sync}"
        )
    return made


def _note_held(running: _Run, plan: Plan | None, error: HeldError) -> None:
    """A held run is a run: it stands in ops.sync_runs with nothing planned."""
    _begin(running, plan, planned=0, status="held", message=error.message)
    running.journal.update(running.run_id, finished_at=running.now().isoformat())
    _merge(running)


def _begin(
    running: _Run, plan: Plan | None, *, planned: int, status: str, message: str | None = None
) -> None:
    running.run_id = f"{running.settings.now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    facts = plan or Plan("", "", "", "", "", "")
    running.journal.begin(
        {
            "run_id": running.run_id,
            "sync": running.sync.name,
            "destination": running.target.label,
            "plan_id": plan.plan_id if plan else None,
            "status": status,
            "started_at": running.now().isoformat(),
            "model_rows": facts.rows,
            "planned": planned,
            "added": facts.new,
            "changed": facts.changed,
            "removed": facts.removed,
            "unchanged": facts.unchanged,
            "held": facts.held_count,
            "granted": facts.granted,
            "mapping": facts.mapping,
            "digest_version": DIGEST_VERSION,
            "message": message,
        }
    )


def _send(running: _Run, plan: Plan) -> RunReport:
    settings = running.settings
    handled = _handled(running, plan)
    withheld = withheld_keys(settings, running.warehouse, running.sync, plan) if plan.planned else set()
    if plan.lost:
        # Approved, or too few to hold: what is sent now is all that is known from here on.
        running.journal.forget_receipts(running.sync.name, running.target.label)
    planned = plan.planned - len(handled)
    _begin(running, plan, planned=planned, status="running")
    rows = PlanRows(settings, plan.plan_id, handled | withheld)
    location: str | None = None
    if running.target.can.snapshot:
        delivery, location = _replace(running, plan, rows, withheld)
    else:
        try:
            delivery = asyncio.run(_deliver(running, rows, planned)) if planned else Delivery()
        except ConfigurationError as error:
            delivery = Delivery(stopped=error)
    # Withheld rows that a snapshot merely kept were not planned.
    lost = len(withheld - handled) if not running.target.can.snapshot else 0
    return _finish(running, plan, delivery, planned=planned, withheld=lost, location=location)


def _handled(running: _Run, plan: Plan) -> set[str]:
    """Keys that earlier, cut-short runs of this very plan delivered or had refused."""
    if not running.journal.runs_of(plan.plan_id):
        return set()
    found: set[str] = set()
    with running.warehouse.connect() as connection:
        runs = (
            exp.select("run_id")
            .from_(tables.table(tables.RUNS))
            .where(exp.EQ(this=exp.column("plan_id"), expression=exp.Literal.string(plan.plan_id)))
        )
        for name in (tables.RECORDS, tables.REJECTS):
            query = (
                exp.select("record_key")
                .from_(tables.table(name))
                .where(exp.In(this=exp.column("run_id"), query=runs.copy().subquery()))
            )
            found |= {str(k) for (k,) in connection.execute(query.sql(dialect=running.warehouse.dialect))}
    return found


async def _deliver(running: _Run, rows: PlanRows, planned: int) -> Delivery:
    """Removals first, to their end: they free unique values that other records are waiting for."""
    sent = 0

    def keep(outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        nonlocal sent
        _journal(running, outcomes)
        sent += len(outcomes)
        running.on_progress(sent, planned)

    opening = _opening(running)
    limits = opening.limits
    assert running.target.kind.open is not None
    async with running.target.kind.open(opening) as sink:
        total = Delivery()
        for operations in ({"archive", "clear"}, {"upsert"}):
            batches = batched(rows.records(operations), limits.batch)
            delivery = await deliver(sink, batches, limits.concurrency, keep)
            total.given_up += delivery.given_up
            total.stopped = delivery.stopped
            if total.stopped:
                break
    return total


def _replace(running: _Run, plan: Plan, rows: PlanRows, withheld: set[str]) -> tuple[Delivery, str | None]:
    content_of = running.target.kind.snapshot
    assert content_of is not None
    content = content_of(_opening(running))
    delivery = Delivery()
    location = str(getattr(content, "path", "")) or None
    if not plan.planned and (content.exists() or not plan.unchanged):
        return delivery, location
    names = list(field_rules(running.sync.file, running.target.can))
    try:
        content.replace(rows.content(names))
    except KithError as error:
        delivery.stopped = error
        return delivery, location
    for batch in batched(rows.records({"upsert", "remove"}), running.target.batch):
        _journal(running, [(record, Outcome(record.key)) for record in batch])
    return delivery, location


def _opening(running: _Run) -> Opening:
    def on_retry(reason: str) -> None:
        running.retried += 1

    file, target = running.sync.file, running.target
    return Opening(
        sync=running.sync.name,
        object=file.object,
        config=target.config,
        match=tuple(file.match),
        write={name: rule.write for name, rule in file.fields.items() if rule.write != "always"},
        fields=tuple(field_rules(file, target.can)),
        secret=_resolve(running.settings, running.sync, target),
        home=running.settings.home,
        limits=effective_limits(target.kind, target.config),
        on_retry=on_retry,
    )


def _resolve(settings: Settings, sync: Sync, target: Target) -> SecretStr | None:
    reference = target.config.secret_reference()
    if reference is None:
        return None
    # The sandbox takes any token, and is never given the real one.
    return (
        SecretStr("sandbox-token")
        if target.sandboxed
        else resolve(reference, settings, sync.file.destination)
    )


def _journal(running: _Run, outcomes: Sequence[tuple[Record, Outcome]]) -> None:
    acks, rejects = [], []
    for record, outcome in outcomes:
        if outcome.refused is None:
            found = outcome.destination_id or record.destination_id
            acks.append(
                Acknowledged(record.key, record.operation, record.digest, record.field_digests, found)
            )
        else:
            kind = "retriable" if outcome.refused == UNANSWERED else "record"
            rejects.append(Rejected(record.key, record.operation, kind, outcome.refused, record.digest))
    running.journal.write(running.run_id, acks, rejects, running.now())


def _finish(
    running: _Run, plan: Plan, delivery: Delivery, *, planned: int, withheld: int, location: str | None
) -> RunReport:
    journal, run_id = running.journal, running.run_id
    delivered, rejected = journal.counts(run_id)
    reasons = journal.reasons(run_id)
    status = (
        "stopped"
        if delivery.stopped
        else "interrupted"
        if delivery.given_up
        else "rejected"
        if rejected
        else "done"
    )
    error = delivery.stopped.message if delivery.stopped else None
    journal.update(run_id, status=status, finished_at=running.now().isoformat(), message=error)
    _merge(running)
    if isinstance(delivery.stopped, ConfigurationError):
        raise delivery.stopped
    if status in ("done", "rejected"):
        store.forget_rows(running.settings, plan.plan_id)
    return RunReport(
        run_id=run_id,
        sync=running.sync.name,
        destination=running.target.label,
        plan_id=plan.plan_id,
        status=status,
        rows=plan.rows,
        planned=planned,
        delivered=delivered,
        rejected=rejected,
        deferred=planned - delivered - rejected,
        withheld=withheld,
        new=plan.new,
        changed=plan.changed,
        removed=plan.removed,
        unchanged=plan.unchanged,
        held=plan.held,
        reasons=reasons,
        recovered=running.recovered,
        requests_retried=running.retried,
        seconds=time.monotonic() - running.clock_start,
        location=location,
        error=_stopped_text(delivery.stopped, delivered, planned) if delivery.stopped else None,
    )


def _merge(running: _Run) -> None:
    rows: list[RunRow] = running.journal.unmerged(running.sync.name, running.target.label)
    try:
        merge_runs(running.warehouse, running.journal, rows)
    except WarehouseError as error:
        raise WarehouseError(
            f"{running.sync.name}: what was sent is in the journal, and not yet in the warehouse. "
            f"{error.message}",
            "Run the sync again: it is merged first, and nothing is sent twice.",
        ) from error


def _stopped_text(error: KithError, delivered: int, planned: int) -> str:
    kept = f"{delivered:,} of {planned:,} delivered and kept; the rest is planned anew by the next run."
    return f"{error.message} {kept}"
