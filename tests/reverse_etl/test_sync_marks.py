"""Marks of rows spare rendering, and decide nothing alone: what is sent depends on values."""

from __future__ import annotations

from reverse_etl.api.plan import plan_sync
from tests.reverse_etl.world import World

MARKS = "select record_key, mark from ops.sync_records order by 1"


def test_another_version_of_the_engine_sends_nothing_and_renews_the_marks(any_world: World) -> None:
    any_world.add_people(range(6))
    any_world.run()
    marks = any_world.sql(MARKS)
    assert len({mark for _, mark in marks}) == 6
    assert None not in {mark for _, mark in marks}
    any_world.sql("update ops.sync_records set mark = mark + 1")
    assert any_world.run().planned == 0
    assert any_world.sql(MARKS) == marks


def test_the_state_of_an_earlier_version_gains_marks_and_nothing_is_sent(any_world: World) -> None:
    any_world.add_people(range(6))
    any_world.run()
    marks = any_world.sql(MARKS)
    any_world.sql("alter table ops.sync_records drop column mark")
    any_world.set(3, net_revenue=77)
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.changed, plan.unchanged, plan.changed_fields) == (1, 5, {"kith_net_revenue": 1})
    assert any_world.run().delivered == 1
    assert any_world.run().planned == 0
    assert [mark for _, mark in any_world.sql(MARKS)][:3] == [mark for _, mark in marks][:3]
