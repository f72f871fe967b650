"""Who withdraws is removed where the destination holds them; who just left the model, by a mirror alone."""

from __future__ import annotations

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.errors import HeldError
from tests.reverse_etl.world import SYNC, World

UPSERT = SYNC.replace("mode: mirror", "mode: upsert")
UNSAID = "on_removed: archive\n"


@pytest.mark.parametrize("text", [UPSERT, UPSERT.replace(UNSAID, ""), SYNC.replace(UNSAID, "")])
def test_who_withdrew_is_archived_and_who_only_left_stays(any_world: World, text: str) -> None:
    any_world.write_sync("contacts", text)
    any_world.add_people(range(6))
    any_world.run()
    any_world.decide(1, "withdrawn")
    any_world.decide(2, "withdrawn")
    any_world.sql("delete from activation.sync_hubspot__contacts where person_id in ('p_00002', 'p_00003')")
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.removed, plan.removed_reasons, plan.left) == (2, {"no consent": 2}, 1)
    assert any_world.run().removed == 2
    assert set(any_world.contacts) == {"p_00000", "p_00003", "p_00004", "p_00005"}
    assert any_world.run().planned == 0
    any_world.decide(1, "granted")
    assert any_world.run().new == 1
    assert "p_00001" in any_world.contacts


def test_an_upsert_keeps_whom_no_decision_is_known_of_and_clears_where_it_is_told_to(world: World) -> None:
    world.write_sync("contacts", UPSERT.replace("archive", "clear"))
    world.add_people(range(4))
    world.run()
    world.decide(1, "withdrawn")
    world.sql("delete from marts.consents where person_id = 'p_00002'")
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed, plan.held) == (1, {"no consent": 1})
    world.run()
    assert "firstname" not in world.contacts["p_00001"]
    assert world.contacts["p_00002"]["firstname"] == "Given2"


def test_a_refused_new_address_removes_what_was_delivered_at_the_old_one(world: World) -> None:
    world.write_sync("contacts", UPSERT)
    world.add_people(range(3))
    world.run()
    world.decide(1, "withdrawn")
    world.set(1, email="other@example.com")
    world.set(2, email="new@example.com")
    assert plan_sync(world.settings, "contacts").removed_reasons == {"no consent": 1}
    world.run()
    assert set(world.contacts) == {"p_00000", "p_00002"}


@pytest.mark.parametrize("text", [UPSERT, SYNC])
def test_leave_is_kept_to(world: World, text: str) -> None:
    world.write_sync("contacts", text.replace("archive", "leave"))
    world.add_people(range(3))
    world.run()
    world.decide(1, "withdrawn")
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed, plan.held) == (0, {"no consent": 1})
    world.run()
    assert len(world.contacts) == 3


def test_many_withdrawals_of_an_upsert_wait_for_a_yes(any_world: World) -> None:
    any_world.write_sync("contacts", UPSERT)
    any_world.add_people(range(100))
    any_world.run()
    any_world.sql("update marts.consents set state = 'withdrawn' where person_id < 'p_00012'")
    with pytest.raises(HeldError, match=r"to remove 12 of 100 delivered \(12%; guard max_delete_share 5%\)"):
        run_sync(any_world.settings, "contacts")
    assert len(any_world.contacts) == 100


def test_the_contact_of_a_retired_id_goes_with_the_survivor_who_withdrew(world: World) -> None:
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.write_sync("contacts", UPSERT)
    world.add_people(range(3))
    world.run()
    world.sql(
        "insert into marts.person_aliases values ('p_00001', 'p_00002')",
        "delete from activation.sync_hubspot__contacts where person_id = 'p_00001'",
        "delete from marts.consents where person_id = 'p_00001'",
    )
    world.decide(2, "withdrawn")
    assert world.run().removed == 2
    assert set(world.contacts) == {"p_00000"}
