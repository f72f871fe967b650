"""Faults 12, 13, 14: what is wrong with a model, a consent that is withdrawn, and a mapping that changed."""

from __future__ import annotations

import pytest

from reverse_etl.api.approve import approve_plan
from reverse_etl.api.plan import plan_sync
from reverse_etl.errors import HeldError, KithError, UsageError
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.world import FAULTY_SYNC, FaultWorld

MODEL = "activation.sync_hubspot__contacts"


def approve(world: FaultWorld) -> None:
    """Plan, approve by name, send."""
    world.tick()
    plan = plan_sync(world.settings, "contacts")
    assert plan.guard
    approve_plan(world.settings, plan.plan_id, "ana", "as it should be")
    world.run(plan_id=plan.plan_id)


BROKEN: dict[str, tuple[str, type[KithError], str]] = {
    "no rows": (f"delete from {MODEL}", HeldError, "rows 0, guard min_rows 1"),
    "30 % fewer": (f"delete from {MODEL} where person_id < 'p_00030'", HeldError, "rows lost 30 of 100"),
    "null keys": (
        f"update {MODEL} set person_id = null where person_id = 'p_00007'",
        HeldError,
        "have no `person_id`",
    ),
    "blank keys": (
        f"update {MODEL} set person_id = ' ' where person_id = 'p_00007'",
        HeldError,
        "have no `person_id`",
    ),
    "duplicate keys": (
        f"update {MODEL} set person_id = 'p_00008' where person_id = 'p_00007'",
        HeldError,
        "repeat",
    ),
    "a column gone": (f"alter table {MODEL} drop column given_name", UsageError, "which .* does not have"),
    "a column renamed": (f"alter table {MODEL} rename column phone to phones", UsageError, "`phones`"),
    "another type": (
        f"alter table {MODEL} alter column last_order_at type date",
        HeldError,
        "`last_order_at` was",
    ),
    "another scale": (
        f"alter table {MODEL} alter column net_revenue type decimal(20, 4)",
        HeldError,
        "column `net_revenue` was",
    ),
}


@pytest.mark.fault(12)
def test_a_broken_model_is_refused_before_the_first_request(any_canaries: FaultWorld) -> None:
    world = any_canaries
    world.add_people(range(100))
    world.sql(f"create table activation.whole as select * from {MODEL}")
    world.run()
    for statement, kind, words in BROKEN.values():
        world.sql(statement)
        world.refused(kind, words)
        world.sql(f"drop table {MODEL}", f"create table {MODEL} as select * from activation.whole")
    world.judge()
    world.assert_silent()


@pytest.mark.fault(12)
def test_a_column_of_another_type_goes_once_somebody_approved_it(canaries: FaultWorld) -> None:
    canaries.add_people(range(30))
    canaries.run()
    canaries.sql(f"alter table {MODEL} alter column net_revenue type decimal(20, 3)")
    canaries.refused(HeldError, r"column `net_revenue` was DECIMAL\(18,2\) in the last good run, and is")
    approve(canaries)
    assert canaries.contacts["p_00001"]["kith_net_revenue"] == "1.500"
    canaries.judge()
    canaries.assert_silent()


@pytest.mark.fault(13)
def test_consent_withdrawn_between_plan_and_send_is_not_sent(any_canaries: FaultWorld) -> None:
    world = any_canaries
    world.add_people(range(20))
    plan = plan_sync(world.settings, "contacts")
    world.decide(3, "denied")
    report = world.run(plan_id=plan.plan_id)
    assert (report.planned, report.delivered, report.withheld) == (20, 19, 1)
    assert "p_00003" not in {change.key for change in world.sandbox.hubspot.applied}
    assert world.run().planned == 0
    world.judge()


@pytest.mark.fault(13)
def test_who_withdraws_while_a_plan_waits_to_be_resumed_is_not_sent(make_world: Made) -> None:
    world = make_world(people=300, max_attempts=1, concurrency=1)
    world.suffer(script=[None, None] + ["error"] * 3, after=0.0)
    first = world.run()
    assert (first.delivered, first.deferred) == (100, 200)
    world.suffer()
    world.decide(250, "denied")
    report = world.run(plan_id=first.plan_id)
    assert (report.planned, report.delivered, report.withheld) == (200, 199, 1)
    assert "p_00250" not in {change.key for change in world.sandbox.hubspot.applied}
    world.assert_silent()
    world.judge()


@pytest.mark.fault(13)
def test_a_withdrawal_after_delivery_takes_the_person_out(canaries: FaultWorld) -> None:
    canaries.add_people(range(20))
    canaries.run()
    canaries.decide(3, "denied")
    assert canaries.run().removed == 1
    assert "p_00003" not in canaries.contacts
    canaries.judge()
    canaries.assert_silent()


@pytest.mark.fault(14)
@pytest.mark.parametrize("what", ["the mapping", "the engine"])
def test_a_full_resend_is_announced_with_its_count_and_needs_a_yes(make_world: Made, what: str) -> None:
    world = make_world(people=40)
    world.run()
    if what == "the mapping":
        world.write_sync("contacts", FAULTY_SYNC.replace("  kith_last_order_at: last_order_at\n", ""))
    else:
        world.sql("update ops.sync_records set digest_version = '0'")
    held = world.refused(HeldError, "unusual full re-send")
    assert "40 of 40 delivered" in held.message
    assert "kith sync approve" in str(held)
    approve(world)
    world.judge(meant_again=40)
    world.assert_silent()
