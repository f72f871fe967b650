"""The plan that a run sends: a new one, or the one that it is told, unless a gate or a guard holds it."""

from __future__ import annotations

from reverse_etl.config.load import Sync
from reverse_etl.destinations.limits import effective_limits
from reverse_etl.engine.record import note_held
from reverse_etl.engine.report import Target
from reverse_etl.engine.running import Running
from reverse_etl.errors import HeldError, UsageError
from reverse_etl.planner import store
from reverse_etl.planner.make import make_plan
from reverse_etl.planner.plan import Plan, hold_plan, load_plan
from reverse_etl.planner.question import field_rules, mapping_digest
from reverse_etl.settings import Settings
from reverse_etl.state.journal import Journal
from reverse_etl.warehouse import Warehouse


def make(settings: Settings, warehouse: Warehouse, sync: Sync, target: Target, journal: Journal) -> Plan:
    """A new plan of the sync for the target."""
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


def choose_plan(running: Running, plan_id: str | None) -> Plan:
    """The plan to send.

    Raises:
        HeldError: a gate or a guard holds it.
        UsageError: no such plan, or one that was sent or overtaken.
    """
    made = _checked_plan(running, plan_id) if plan_id else None
    # Who approved a plan has seen its figures; its rows are frozen, whatever the model holds by now.
    if made is not None and store.is_approved(running.settings, made.plan_id):
        return made
    reasons = _gate_reasons(running)
    made = made or _fresh(running)
    if reasons:
        made = hold_plan(running.settings, made, reasons)
    if made.guard:
        raise _held(running, made)
    return made


def _gate_reasons(running: Running) -> tuple[str, ...]:
    """Why the gate holds the model; none when it passes.

    Raises:
        HeldError: it holds, and no approval is of use.
    """
    if running.gate is None:
        return ()
    try:
        running.gate()
    except HeldError as error:
        if error.reasons:
            return error.reasons
        note_held(running, None, error)
        raise
    return ()


def _fresh(running: Running) -> Plan:
    try:
        return make(running.settings, running.warehouse, running.sync, running.target, running.journal)
    except HeldError as error:
        note_held(running, None, error)
        raise


def _held(running: Running, made: Plan) -> HeldError:
    sandbox = " --sandbox" if running.target.sandboxed else ""
    held = HeldError(
        f"HELD  {made.sync}  {made.guard}. Nothing was sent.",
        f"To see: kith sync plan {made.sync}{sandbox}. "
        f'To send: kith sync approve {made.plan_id} --reason "…"',
    )
    note_held(running, made, held)
    return held


def _checked_plan(running: Running, plan_id: str) -> Plan:
    made = load_plan(running.settings, plan_id)
    if (made.sync, made.destination) != (running.sync.name, running.target.label):
        raise UsageError(f"The plan {plan_id} is for {made.sync} to {made.destination}.", "Name that sync.")
    if made.kind == "undo":
        raise UsageError(f"The plan {plan_id} undoes a run.", f"kith sync undo {made.undoes} --yes")
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
