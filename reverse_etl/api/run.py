"""Send it."""

from __future__ import annotations

from contextlib import ExitStack

from reverse_etl.api.definitions import own_sandbox, prepare
from reverse_etl.engine import run as engine
from reverse_etl.engine.report import RunReport
from reverse_etl.engine.running import Gate, Progress
from reverse_etl.engine.stopping import Stop
from reverse_etl.gate import accept_gate, gate_spec
from reverse_etl.planner import store
from reverse_etl.planner.plan import load_plan
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


def run_sync(
    settings: Settings,
    name: str,
    *,
    sandbox: Sandbox | bool | None = None,
    plan_id: str | None = None,
    gate: Gate | None = None,
    on_progress: Progress = lambda sent, planned: None,
    stop: Stop | None = None,
) -> RunReport:
    """Run a sync once.

    Args:
        sandbox: a running one, or True to start one for this run (its contacts are kept in
            KITH_HOME/sandbox); the account is then not touched, and its credential not needed. A plan
            that was made for a sandbox goes to one without being told.
        plan_id: send exactly this plan.
        gate: called before planning; raises HeldError to hold the run. Not asked of an approved plan, whose
            figures are what it compares with from then on.
        on_progress: called with records answered and planned.
        stop: ends the sending when it is asked, from any thread; the report says `stopped`. Without one, INT
            and TERM do so in the main thread, and go to whoever would have had them after that.

    Raises:
        UsageError, ConfigurationError, HeldError: before anything is sent.
    """
    if plan_id and not sandbox:
        # Never the other way round: a plan for the account, told to go to the sandbox, is refused.
        sandbox = load_plan(settings, plan_id).sandboxed
    with ExitStack() as stack:
        chosen = stack.enter_context(own_sandbox(settings)) if sandbox is True else sandbox or None
        sync, target = prepare(settings, name, chosen.base_url if chosen else None, chosen)
        warehouse = open_warehouse(settings)
        report = engine.run(
            settings, warehouse, sync, target, plan_id=plan_id, gate=gate, on_progress=on_progress, stop=stop
        )
        if gate is not None and plan_id is not None and store.is_approved(settings, plan_id):
            accept_gate(settings, gate_spec(sync.file))
        return report
