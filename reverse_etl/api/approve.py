"""Let a held plan go."""

from __future__ import annotations

from dataclasses import dataclass

from reverse_etl.errors import UsageError
from reverse_etl.planner import store
from reverse_etl.planner.plan import Plan, load_plan
from reverse_etl.settings import Settings


@dataclass(frozen=True)
class Approval:
    """A held plan that a person let go."""

    plan_id: str
    sync: str
    by: str
    reason: str
    at: str


def last_plan(settings: Settings, name: str) -> Plan | None:
    """The plan that was made last for a sync; None before the first."""
    folder = store.plans_folder(settings)
    by_age = sorted(folder.glob("2*/plan.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    plans = (load_plan(settings, path.parent.name) for path in by_age)
    return next((plan for plan in plans if plan.sync == name and plan.kind == "sync"), None)


def approved_plan(settings: Settings, name: str) -> str:
    """The id of the sync's last plan, which a person let go.

    Raises:
        UsageError: nobody did.
    """
    plan = last_plan(settings, name)
    if plan is None or not store.is_approved(settings, plan.plan_id):
        raise UsageError(f"The last plan of `{name}` was not approved.", f"To see it: kith sync plan {name}")
    return plan.plan_id


def approve_plan(settings: Settings, plan_id: str, who: str, reason: str) -> Approval:
    """Let a held plan go, with a name and a reason that are kept beside it.

    Args:
        plan_id: or a sync's name, for the plan that was made last for it.

    Raises:
        UsageError: no such plan, one that is not held, or no reason.
    """
    plan = last_plan(settings, plan_id) or load_plan(settings, plan_id)
    plan_id = plan.plan_id
    if not plan.guard:
        raise UsageError(
            f"The plan {plan_id} is not held.", f"Send it: kith sync run {plan.sync} --plan {plan_id}"
        )
    if not reason.strip():
        raise UsageError("An approval needs a reason.", 'Write --reason "…".')
    approval = Approval(plan_id, plan.sync, who, reason, f"{settings.now:%Y-%m-%dT%H:%M:%SZ}")
    store.write_approval(settings, plan_id, {"by": who, "reason": reason, "at": approval.at})
    return approval
