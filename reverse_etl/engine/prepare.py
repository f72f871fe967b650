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
from reverse_etl.planner.plan import Plan, load_plan
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
    # Who approved a plan has seen its figures; its rows are frozen, whatever the model holds by now.
    approved = plan_id is not None and store.is_approved(running.settings, plan_id)
    if running.gate is not None and not approved:
        try:
            running.gate()
        except HeldError as error:
            note_held(running, None, error)
            raise
    made = _checked_plan(running, plan_id) if plan_id else _fresh(running)
    if made.guard and not store.is_approved(running.settings, made.plan_id):
        held = HeldError(
            f"HELD  {made.sync}  {made.guard}. Nothing was sent.",
            f'To see: kith sync plan {made.sync}. To send: kith sync approve {made.plan_id} --reason "…"',
            made.plan_id,
        )
        note_held(running, made, held)
        raise held
    return made


def _fresh(running: Running) -> Plan:
    try:
        return make(running.settings, running.warehouse, running.sync, running.target, running.journal)
    except HeldError as error:
        note_held(running, None, error)
        raise


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
