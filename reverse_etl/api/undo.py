"""Take a run back."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from reverse_etl.api.definitions import own_sandbox, prepare
from reverse_etl.config import load_definitions
from reverse_etl.engine import undo as engine
from reverse_etl.engine.report import RunReport, Target
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import UsageError
from reverse_etl.planner.plan import SANDBOX, Plan
from reverse_etl.settings import Settings
from reverse_etl.state.entries import RunRow
from reverse_etl.state.journal import open_journal
from reverse_etl.warehouse import open_warehouse


def plan_undo(settings: Settings, run_id: str, *, sandbox: bool = False) -> Plan:
    """What undoing a run would do. No network.

    Args:
        run_id: or a sync's name, for its last run that sent anything to its account.
        sandbox: of a name, the last run to the sandbox in the account's place.

    Raises:
        UsageError: there is no such run, nothing was kept of it, or its days are over; or the sync goes to
            another account by now.
        HeldError: its sync is being run.
    """
    run = _run(settings, run_id, sandbox)
    url = "http://127.0.0.1" if run.destination.endswith(SANDBOX) else None
    sync, target = prepare(settings, run.sync, url, None)
    _refuse_another(run, target)
    plan = engine.plan_undo(settings, open_warehouse(settings), sync, target, run.run_id)
    with open_journal(settings.home) as journal:
        others = [row for row in journal.last_sent(run_id) if row.destination != run.destination]
    notes = [f"its last run to {row.destination} is {row.run_id}, and is left" for row in others]
    return replace(plan, notes=[*plan.notes, *notes])


def undo_run(
    settings: Settings, run_id: str, *, sandbox: bool = False, stop: Stop | None = None
) -> RunReport:
    """Undo a run where it went to; it is a run of its own.

    Args:
        run_id, sandbox: as for `plan_undo`.
        stop: as for `run_sync`.

    Raises:
        UsageError, HeldError: as for `plan_undo`.
        ConfigurationError: the credential is not set.
    """
    run = _run(settings, run_id, sandbox)
    with ExitStack() as stack:
        sandboxed = run.destination.endswith(SANDBOX)
        own = stack.enter_context(own_sandbox(settings)) if sandboxed else None
        sync, target = prepare(settings, run.sync, own.base_url if own else None, own)
        _refuse_another(run, target)
        return engine.undo(settings, open_warehouse(settings), sync, target, run.run_id, stop=stop)


def _run(settings: Settings, run_id: str, sandbox: bool) -> RunRow:
    with open_journal(settings.home) as journal:
        run = journal.run(run_id)
        if run is not None:
            return run
        sent = [row for row in journal.last_sent(run_id) if row.destination.endswith(SANDBOX) or not sandbox]
    if not sent:
        where = " to the sandbox" if sandbox else ""
        raise UsageError(
            f"There is no run `{run_id}` in this machine's journal, nor a sync so called that sent "
            f"anything{where}.",
            "Runs are in ops.sync_runs.",
        )
    if len(sent) == 1:
        return sent[0]
    definitions = load_definitions(settings)
    account = definitions.sync(run_id, settings).file.destination + (SANDBOX if sandbox else "")
    own = [row for row in sent if row.destination == account]
    if not own:
        runs = ", ".join(f"{row.run_id} ({row.destination})" for row in sent)
        raise UsageError(f"{run_id}: which run? Nothing was sent to {account}.", f"Name one: {runs}.")
    return own[0]


def _refuse_another(run: RunRow, target: Target) -> None:
    if target.label != run.destination:
        raise UsageError(
            f"The run {run.run_id} went to {run.destination}; its sync goes to {target.label} now.",
            f"Set the sync's destination back to {run.destination} to undo it.",
        )
