"""Takes a run back, where its records were not edited since."""

from __future__ import annotations

from reverse_etl.config.load import Sync
from reverse_etl.destinations import Outcome, Record
from reverse_etl.engine.finish import finish
from reverse_etl.engine.held import Fingerprint, Held, fingerprints
from reverse_etl.engine.opening import opening, resolve_secret
from reverse_etl.engine.record import begin
from reverse_etl.engine.recover import recover
from reverse_etl.engine.report import RunReport, Target
from reverse_etl.engine.rows import PlanRows
from reverse_etl.engine.running import Running
from reverse_etl.engine.send import deliver_rows
from reverse_etl.engine.stopping import Stop, sending
from reverse_etl.errors import UsageError
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.question import field_rules
from reverse_etl.planner.undo import make_undo_plan
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import Journal, open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.state.undo import read_undo
from reverse_etl.warehouse import Warehouse


def plan_undo(settings: Settings, warehouse: Warehouse, sync: Sync, target: Target, run_id: str) -> Plan:
    """What undoing the run would do. No network.

    Raises:
        UsageError: nothing was kept of the run, or its days are over.
        HeldError: the sync is being run.
    """
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = _running(settings, warehouse, journal, sync, target)
        recover(running)
        return _plan(running, run_id)


def undo(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    run_id: str,
    *,
    stop: Stop | None = None,
) -> RunReport:
    """Undo the run, by a plan that is made now.

    Args:
        stop: as for a run.

    Raises:
        UsageError, HeldError: as for `plan_undo`.
        ConfigurationError: the credential is not set.
    """
    if not target.sandboxed:
        resolve_secret(settings, sync, target)
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = _running(settings, warehouse, journal, sync, target)
        recover(running)
        plan = _plan(running, run_id)
        with sending(stop) as running.stop:
            return _send(running, plan, run_id)


def _send(running: Running, plan: Plan, run_id: str) -> RunReport:
    settings, warehouse = running.settings, running.warehouse
    begin(running, plan, planned=plan.planned, status="running", message=f"undo of {run_id}")
    with warehouse.connect() as connection:
        mark = fingerprints(tables.read_salt(connection, warehouse.dialect))
    with read_undo(settings.home, run_id) as kept:
        before = {done.record_key: done.fingerprints for done in kept.all()} if kept else {}
    fields = list(field_rules(running.sync.file, running.target.can))
    running.held = _Restored(fields, mark, before)
    rows = PlanRows(settings, plan.plan_id, set(), running.held)
    # A field is given back while it holds what the run left there: somebody's edit stays.
    opened = opening(running, dict.fromkeys(fields, "ours_until_edited"))
    delivery = deliver_rows(running, rows, opened, plan.planned)
    return finish(running, plan, delivery, planned=plan.planned, withheld=0, location=None)


class _Restored(Held):
    """Every field counts while a run is undone; afterwards what was remembered before it is again."""

    def __init__(self, fields: list[str], fingerprint: Fingerprint, before: dict[str, str | None]) -> None:
        super().__init__(fields, fields, fingerprint, {})
        self._before = before

    def after(self, record: Record, outcome: Outcome) -> str | None:
        return self._before.get(record.key)


def _running(
    settings: Settings, warehouse: Warehouse, journal: Journal, sync: Sync, target: Target
) -> Running:
    return Running(settings, warehouse, journal, sync, target, None, lambda sent, planned: None)


def _plan(running: Running, run_id: str) -> Plan:
    settings, journal, sync = running.settings, running.journal, running.sync
    run = journal.run(run_id)
    assert run is not None
    with read_undo(settings.home, run_id) as kept:
        if kept is None:
            raise UsageError(
                f"The run {run_id} cannot be undone: nothing was kept of it, or its days are over.",
                f"To keep what a run can be undone from, set undo_days in the sync `{sync.name}`.",
            )
        last = journal.last_run(sync.name, run.destination)
        done, recycled = kept.all(), running.target.can.recycled
        return make_undo_plan(settings, running.warehouse, run, sync, done, after_run=last, recycled=recycled)
