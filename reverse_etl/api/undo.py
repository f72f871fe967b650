"""Take a run back."""

from __future__ import annotations

from contextlib import ExitStack

from reverse_etl.api.definitions import own_sandbox, prepare
from reverse_etl.engine import undo as engine
from reverse_etl.engine.report import RunReport
from reverse_etl.errors import UsageError
from reverse_etl.planner.plan import SANDBOX, Plan
from reverse_etl.settings import Settings
from reverse_etl.state.entries import RunRow
from reverse_etl.state.journal import open_journal
from reverse_etl.warehouse import open_warehouse


def plan_undo(settings: Settings, run_id: str) -> Plan:
    """What undoing a run would do. No network.

    Args:
        run_id: or a sync's name, for its last run that sent anything.

    Raises:
        UsageError: there is no such run, nothing was kept of it, or its days are over.
        HeldError: its sync is being run.
    """
    run = _run(settings, run_id)
    url = "http://127.0.0.1" if run.destination.endswith(SANDBOX) else None
    sync, target = prepare(settings, run.sync, url, None)
    return engine.plan_undo(settings, open_warehouse(settings), sync, target, run.run_id)


def undo_run(settings: Settings, run_id: str) -> RunReport:
    """Undo a run where it went to; it is a run of its own.

    Raises:
        UsageError, HeldError: as for `plan_undo`.
        ConfigurationError: the credential is not set.
    """
    run = _run(settings, run_id)
    with ExitStack() as stack:
        sandboxed = run.destination.endswith(SANDBOX)
        sandbox = stack.enter_context(own_sandbox(settings)) if sandboxed else None
        sync, target = prepare(settings, run.sync, sandbox.base_url if sandbox else None, sandbox)
        return engine.undo(settings, open_warehouse(settings), sync, target, run.run_id)


def _run(settings: Settings, run_id: str) -> RunRow:
    with open_journal(settings.home) as journal:
        run = journal.run(run_id) or journal.last_sent(run_id)
    if run is None:
        raise UsageError(
            f"There is no run `{run_id}` in this machine's journal, nor a sync so called that sent anything.",
            "Runs are in ops.sync_runs.",
        )
    return run
