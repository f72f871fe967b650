"""What would a run do?"""

from __future__ import annotations

from reverse_etl.api.definitions import prepare
from reverse_etl.engine import run as engine
from reverse_etl.planner.plan import Plan, load_plan
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


def plan_sync(settings: Settings, name: str, *, sandbox: bool = False) -> Plan:
    """Plan a sync and keep the plan in KITH_HOME/plans. No network.

    Raises:
        UsageError: the sync's files have mistakes.
        HeldError: the model cannot be sent as it is.
    """
    sync, target = prepare(settings, name, "http://127.0.0.1" if sandbox else None, None)
    return engine.plan(settings, open_warehouse(settings), sync, target)


def sync_of_plan(settings: Settings, plan_id: str) -> str:
    """The sync that a plan is for.

    Raises:
        UsageError: there is no such plan.
    """
    return load_plan(settings, plan_id).sync
