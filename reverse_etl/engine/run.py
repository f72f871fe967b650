"""One run of one sync: recover what a killed run left, gate, plan, ask consent again, send, merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reverse_etl.config.load import Sync
from reverse_etl.engine.opening import resolve_secret
from reverse_etl.engine.prepare import choose_plan, make
from reverse_etl.engine.recover import recover
from reverse_etl.engine.report import RunReport, Target
from reverse_etl.engine.running import Gate, Progress, Running
from reverse_etl.engine.send import send
from reverse_etl.engine.stopping import Stop, sending
from reverse_etl.engine.telemetry import span
from reverse_etl.planner.plan import Plan, hold_plan
from reverse_etl.settings import Settings
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.warehouse import Warehouse


def run(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    *,
    plan_id: str | None,
    gate: Gate | None,
    on_progress: Progress = lambda sent, planned: None,
    stop: Stop | None = None,
) -> RunReport:
    """Run a sync once; what was refused is in the report.

    Args:
        stop: ends the sending early; without one, INT and TERM do.

    Raises:
        HeldError: the gate, a guard or another run holds it.
        ConfigurationError: the credential is not set; before anything is planned.
        UsageError: no such plan, or one that was sent or overtaken.
    """
    if not target.sandboxed:
        resolve_secret(settings, sync, target)
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = Running(settings, warehouse, journal, sync, target, gate, on_progress)
        with span("run", sync=sync.name, destination=target.label):
            recover(running)
            with span("plan"):
                plan = choose_plan(running, plan_id)
            with span("send"), sending(stop) as running.stop:
                return send(running, plan)


def plan(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    *,
    look: Callable[[], Sequence[str]] = tuple,
) -> Plan:
    """Plan a sync, with what a killed run delivered counted in. No network.

    Args:
        look: why the gate would hold a run; none when it would not.

    Raises:
        HeldError: the model cannot be sent as it is.
    """
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        recover(Running(settings, warehouse, journal, sync, target, None, lambda sent, planned: None))
        made = make(settings, warehouse, sync, target, journal, shown=True)
        reasons = look()
        return replace(hold_plan(settings, made, reasons), samples=made.samples) if reasons else made
