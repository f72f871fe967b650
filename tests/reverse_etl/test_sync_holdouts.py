"""People in the arm `holdout` of an audience are sent nowhere, and the plan counts them."""

from __future__ import annotations

import pytest

from reverse_etl.api.plan import plan_sync
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

MODEL = "activation.sync_hubspot__contacts"


def hold_out(world: World, *people: int) -> None:
    """The model says of everyone which arm they are in."""
    world.sql(
        f"alter table {MODEL} add column arm text",
        f"update {MODEL} set arm = 'all' where person_id <> 'p_00000'",
    )
    for person in people:
        world.set(person, arm="holdout")


def test_the_holdout_is_not_sent_and_is_counted(any_world: World) -> None:
    any_world.add_people(range(5))
    any_world.add_people(range(5, 7), consent="denied")
    hold_out(any_world, 2, 3, 6)
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.new, plan.held) == (3, {"holdout": 2, "no consent": 2})
    any_world.run(plan_id=plan.plan_id)
    assert set(any_world.contacts) == {"p_00000", "p_00001", "p_00004"}
    assert any_world.run().planned == 0
    any_world.set(2, arm="all")
    assert any_world.run().new == 1


@pytest.mark.parametrize(("mode", "left"), [("mirror", 3), ("upsert", 4)])
def test_a_mirror_lets_go_of_who_came_into_the_holdout(world: World, mode: str, left: int) -> None:
    world.write_sync("contacts", SYNC.replace("mode: mirror", f"mode: {mode}"))
    world.add_people(range(4))
    world.run()
    hold_out(world, 2)
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed_reasons if mode == "mirror" else plan.held) == {"holdout": 1}
    world.run()
    assert len(world.contacts) == left


def test_a_file_leaves_the_holdout_out(any_world: World) -> None:
    any_world.write_sync("people", FILE_SYNC)
    any_world.add_people(range(4))
    hold_out(any_world, 1)
    report = any_world.run("people")
    assert (report.delivered, report.held) == (3, {"holdout": 1})
