"""Let a held plan go."""

from __future__ import annotations

from dataclasses import dataclass

from reverse_etl.errors import UsageError
from reverse_etl.planner import store
from reverse_etl.planner.plan import load_plan
from reverse_etl.settings import Settings


@dataclass(frozen=True)
class Approval:
    """A held plan that a person let go."""

    plan_id: str
    sync: str
    by: str
    reason: str
    at: str


def approve_plan(settings: Settings, plan_id: str, who: str, reason: str) -> Approval:
    """Let a held plan go, with a name and a reason that are kept beside it.

    Raises:
        UsageError: no such plan, one that is not held, or no reason.
    """
    plan = load_plan(settings, plan_id)
    if not plan.guard:
        raise UsageError(
            f"The plan {plan_id} is not held.", f"Send it: kith sync run {plan.sync} --plan {plan_id}"
        )
    if not reason.strip():
        raise UsageError("An approval needs a reason.", 'Write --reason "…".')
    approval = Approval(plan_id, plan.sync, who, reason, f"{settings.now:%Y-%m-%dT%H:%M:%SZ}")
    store.write_approval(settings, plan_id, {"by": who, "reason": reason, "at": approval.at})
    return approval
