"""Forgetting what was acknowledged: announced, held, and sent once a person says yes."""

from __future__ import annotations

import pytest

from reverse_etl.api.approve import approve_plan
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.resync import resync_sync
from reverse_etl.errors import HeldError, UsageError
from tests.reverse_etl.test_sync_edited import OURS, edit
from tests.reverse_etl.world import SYNC, World


def test_a_resync_sends_nothing_until_its_plan_is_approved(any_world: World) -> None:
    any_world.add_people(range(5))
    any_world.run()
    early = plan_sync(any_world.settings, "contacts")
    requests = any_world.sandbox.truth()["requests"]
    assert resync_sync(any_world.settings, "contacts").records == 5
    with pytest.raises(UsageError, match="out of date"):
        any_world.run(plan_id=early.plan_id)
    with pytest.raises(HeldError, match="to send anew 5 of 5 delivered"):
        any_world.run()
    assert any_world.sandbox.truth()["requests"] == requests
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.changed, plan.new, plan.resync) == (5, 0, 5)
    approve_plan(any_world.settings, plan.plan_id, "me", "the CRM was restored from a copy")
    assert any_world.run(plan_id=plan.plan_id).delivered == 5
    assert any_world.run().planned == 0
    assert len(any_world.contacts) == 5
    assert any_world.sql("select status, planned from ops.sync_runs where status = 'resync'") == [
        ("resync", 0)
    ]


def test_a_resync_of_fields_takes_them_back_from_who_edited_them(world: World) -> None:
    world.write_sync("contacts", OURS)
    world.add_people(range(3))
    world.run()
    edit(world, 1, firstname="Annie", kith_net_revenue="9")
    world.set(1, given_name="Ana", net_revenue=70)
    assert world.run().edited == {"firstname": 1, "kith_net_revenue": 1}
    resync_sync(world.settings, "contacts", ["firstname"])
    plan = plan_sync(world.settings, "contacts")
    approve_plan(world.settings, plan.plan_id, "me", "names come from the shop")
    assert world.run(plan_id=plan.plan_id).edited == {"kith_net_revenue": 1}
    contact = world.contacts["p_00001"]
    assert (contact["firstname"], contact["kith_net_revenue"]) == ("Ana", "9")
    edit(world, 1, firstname="Annie")
    world.set(1, given_name="Hanna")
    assert world.run().edited == {"firstname": 1, "kith_net_revenue": 1}


def test_what_cannot_be_sent_anew_is_refused(world: World) -> None:
    world.write_sync(
        "once", SYNC.replace("mode: mirror", "mode: insert").replace("on_removed: archive\n", "")
    )
    with pytest.raises(UsageError, match="sends each record once"):
        resync_sync(world.settings, "once")
    with pytest.raises(UsageError, match="no field `first`"):
        resync_sync(world.settings, "contacts", ["first"])
