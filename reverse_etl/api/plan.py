"""What would a run do?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from reverse_etl.api.definitions import prepare
from reverse_etl.api.gate import gate_reasons
from reverse_etl.engine import run as engine
from reverse_etl.planner.plan import Plan, load_plan
from reverse_etl.planner.samples import with_values, without_people
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


def plan_sync(settings: Settings, name: str, *, sandbox: bool = False, values: bool = False) -> Plan:
    """Plan a sync and keep the plan in KITH_HOME/plans, held where the gate would hold a run. No network.

    Args:
        values: give what would be sent of the samples, and keys that are personal data; both are people's.

    Raises:
        UsageError: the sync's files have mistakes.
        HeldError: the model cannot be sent as it is.
    """
    sync, target = prepare(settings, name, "http://127.0.0.1" if sandbox else None, None)
    look = partial(gate_reasons, settings, name)
    made = engine.plan(settings, open_warehouse(settings), sync, target, look=look)
    if values:
        return replace(made, samples=with_values(settings, made.plan_id, made.samples))
    return replace(made, samples=without_people(made.samples, personal=made.personal_keys))


def kept_plan(settings: Settings, plan_id: str) -> Plan:
    """A plan made before; its samples are not kept.

    Raises:
        UsageError: there is no such plan, or it is damaged.
    """
    return load_plan(settings, plan_id)
