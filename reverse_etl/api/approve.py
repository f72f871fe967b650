"""Let a held plan go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reverse_etl.engine.prepare import refuse_sent
from reverse_etl.errors import UsageError
from reverse_etl.planner import store
from reverse_etl.planner.plan import Plan, check_rows, load_plan
from reverse_etl.settings import Settings
from reverse_etl.state.journal import open_journal


@dataclass(frozen=True)
class Approval:
    """A held plan that a person let go.

    Attributes:
        plan: what it is; its samples are not kept.
    """

    plan_id: str
    sync: str
    by: str
    reason: str
    at: str
    plan: Plan


def last_plan(settings: Settings, name: str, *, sandbox: bool | None = None) -> Plan | None:
    """The plan that was made last for a sync; None before the first.

    Args:
        sandbox: True for those to a sandbox, False for those to the account, None for either.

    Raises:
        UsageError: a plan that is as young, and may be the sync's, is damaged.
    """
    return next(
        (plan for plan in _plans(settings, name) if sandbox in (None, plan.sandboxed)),
        None,
    )


def _plans(settings: Settings, name: str) -> Iterator[Plan]:
    """A sync's plans that are kept, the youngest first."""
    found = store.plans_folder(settings).glob("2*/plan.json")
    for path in sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        plan = load_plan(settings, path.parent.name)
        if plan.sync == name and plan.kind == "sync":
            yield plan


def approved_plan(settings: Settings, name: str, *, sandbox: bool = False) -> str:
    """The id of the sync's last plan to the account, or to the sandbox, which a person let go.

    Raises:
        UsageError: nobody did.
    """
    plan = last_plan(settings, name, sandbox=sandbox)
    if plan is None or not store.is_approved(settings, plan.plan_id):
        flag = " --sandbox" if sandbox else ""
        where = " to the sandbox" if sandbox else ""
        raise UsageError(
            f"The last plan of `{name}`{where} was not approved.", f"To see it: kith sync plan {name}{flag}"
        )
    return plan.plan_id


def approve_plan(settings: Settings, plan_id: str, who: str, reason: str) -> Approval:
    """Let a held plan go, with a name and a reason that are kept beside it.

    Args:
        plan_id: or a sync's name, for the plan that was made last for it, if that was to be looked at.

    Raises:
        UsageError: no such plan; one that is not held, was sent, has expired or is damaged; a name whose last
            plan nobody saw; no reason.
    """
    plan = _chosen(settings, plan_id)
    plan_id = plan.plan_id
    if not plan.guard:
        raise UsageError(
            f"The plan {plan_id} is not held.", f"Send it: kith sync run {plan.sync} --plan {plan_id}"
        )
    with open_journal(settings.home) as journal:
        refuse_sent(journal, plan)
    check_rows(settings, plan)
    if not reason.strip():
        raise UsageError("An approval needs a reason.", 'Write --reason "…".')
    approval = Approval(plan_id, plan.sync, who, reason, f"{settings.now:%Y-%m-%dT%H:%M:%SZ}", plan)
    store.write_approval(settings, plan_id, {"by": who, "reason": reason, "at": approval.at})
    return approval


def _chosen(settings: Settings, word: str) -> Plan:
    """The plan of an id, or a sync's last one: a yes is to what was looked at."""
    if store.is_kept(settings, word):
        return load_plan(settings, word)
    plan = last_plan(settings, word)
    if plan is None:
        return load_plan(settings, word)
    if plan.guard and not plan.shown and _was_shown_another(settings, plan):
        raise UsageError(
            f"The last plan of `{word}` is not the one that `kith sync plan` showed: a run made it later, "
            f"{plan.plan_id}, to {plan.destination}, new {plan.new:,}, changed {plan.changed:,}, "
            f"removed {plan.removed:,}. Nothing was approved.",
            f"To see what is to be sent now: {plan.anew}. "
            f'To approve that one as it is: kith sync approve {plan.plan_id} --reason "…"',
        )
    return plan


def _was_shown_another(settings: Settings, plan: Plan) -> bool:
    """True when a person looked at an earlier plan, which was not sent since."""
    shown = (other for other in _plans(settings, plan.sync) if other.shown)
    return any(
        other.destination == plan.destination and store.chunks_of(settings, other.plan_id) for other in shown
    )
