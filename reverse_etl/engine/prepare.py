"""The plan that a run sends: a new one, or the one that it is told, unless a gate or a guard holds it."""

from __future__ import annotations

from reverse_etl.config.load import Sync
from reverse_etl.engine.record import note_held
from reverse_etl.engine.report import Target
from reverse_etl.engine.running import Running
from reverse_etl.errors import HeldError, UsageError
from reverse_etl.planner import store
from reverse_etl.planner.make import make_plan
from reverse_etl.planner.plan import Plan, check_rows, hold_plan, load_plan
from reverse_etl.planner.question import field_rules, terms_of
from reverse_etl.settings import Settings
from reverse_etl.state.journal import Journal
from reverse_etl.warehouse import Warehouse


def make(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    journal: Journal,
    *,
    shown: bool = False,
) -> Plan:
    """A new plan of the sync for the target.

    Args:
        shown: True when a person looks at it before anything is sent.
    """
    return make_plan(
        settings,
        warehouse,
        sync,
        target.label,
        target.can,
        batch=target.limits.batch,
        requests_per_second=target.limits.requests_per_second,
        journal=journal,
        shown=shown,
    )


def choose_plan(running: Running, plan_id: str | None) -> Plan:
    """The plan to send.

    Raises:
        HeldError: a gate or a guard holds it.
        UsageError: no such plan, or one that was sent, overtaken, expired or damaged, or whose sync changed.
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
    held = HeldError(
        f"HELD  {made.sync}  {made.guard}. Nothing was sent.",
        f'To see: {made.anew}. To send: kith sync approve {made.plan_id} --reason "…"',
        made.plan_id,
    )
    note_held(running, made, held)
    return held


def _checked_plan(running: Running, plan_id: str) -> Plan:
    made = load_plan(running.settings, plan_id)
    _check_place(running, made)
    if made.kind == "undo":
        raise UsageError(f"The plan {plan_id} undoes a run.", f"kith sync undo {made.undoes} --yes")
    refuse_sent(running.journal, made)
    why = _outdated(running, made)
    if why:
        raise UsageError(f"The plan {plan_id} is out of date: {why}.", f"Plan anew: {made.anew}")
    check_rows(running.settings, made)
    return made


def refuse_sent(journal: Journal, made: Plan) -> None:
    """Nothing is left to send of a plan that was sent to its end.

    Raises:
        UsageError: it was.
    """
    if any(status in ("done", "rejected") for status in journal.runs_of(made.plan_id)):
        raise UsageError(f"The plan {made.plan_id} was sent already.", f"Plan anew: {made.anew}")


def _check_place(running: Running, made: Plan) -> None:
    if made.sync != running.sync.name:
        raise UsageError(f"The plan {made.plan_id} is for {made.sync}.", "Name that sync, or none.")
    if running.target.sandboxed and not made.sandboxed:
        raise UsageError(
            f"The plan {made.plan_id} is for {made.sync} to {made.destination}, and not for the sandbox.",
            f"For the sandbox: kith sync plan {made.sync} --sandbox",
        )


def _outdated(running: Running, made: Plan) -> str | None:
    """Why the plan is not what a run would do now; None when nothing came between."""
    if running.journal.overtaken(made.sync, made.destination, made.plan_id, made.after_run):
        return "another plan was sent since"
    file = running.sync.file
    said = terms_of(file, field_rules(file, running.target.can))
    other = [name for name, value in said.items() if made.terms.get(name) != value]
    if made.destination != running.target.label and "destination" not in other:
        other.append("destination")
    return f"the sync's {', '.join(other)} changed since" if other else None
