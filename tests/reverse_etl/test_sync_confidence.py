"""A sync that carries nobody who hangs together by weaker links than it asks for."""

from __future__ import annotations

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import ConfigurationError, UsageError
from reverse_etl.planner.verdicts import UNSURE
from reverse_etl.warehouse import open_warehouse
from tests.reverse_etl.test_sync_merges import merge
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

OPEN = SYNC + "guards: {max_delete_share: null, max_create_share: null}\n"
CONFIDENCE = {"person_id": "text", "confidence": "text", "exact_parts_count": "bigint"}
EXACT = OPEN.replace("channel: email\n", "channel: email\nconfidence: exact\n")


def say(world: World, **confidences: str) -> None:
    """What a build leaves of these people."""
    rows = ", ".join(f"('{person}', '{said}', 1)" for person, said in confidences.items())
    with open_warehouse(world.settings).connect() as connection:
        connection.make_table("marts", "person_confidence", CONFIDENCE)
    world.sql(
        "delete from marts.person_confidence",
        f"insert into marts.person_confidence values {rows}",
    )


def test_who_takes_weaker_links_is_held_with_the_reason(any_world: World) -> None:
    any_world.write_sync("contacts", EXACT)
    any_world.add_people(range(4))
    say(any_world, p_00000="exact", p_00001="strict", p_00002="exact")
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.new, plan.held) == (2, {UNSURE: 2})  # of the fourth nothing is known
    assert any_world.run(plan_id=plan.plan_id).delivered == 2
    assert set(any_world.contacts) == {"p_00000", "p_00002"}
    say(any_world, p_00001="exact", p_00000="exact", p_00002="exact")
    assert any_world.run().delivered == 1


def test_a_delivered_contact_is_left_as_it_is_until_it_is_sure_again(any_world: World) -> None:
    any_world.write_sync("contacts", EXACT)
    any_world.add_people(range(3))
    say(any_world, p_00000="exact", p_00001="exact", p_00002="exact")
    any_world.run()
    before = dict(any_world.contacts["p_00001"])
    say(any_world, p_00000="exact", p_00001="strict", p_00002="exact")
    any_world.set(1, given_name="Somebody else")
    report = any_world.run()
    assert (report.planned, report.held) == (0, {UNSURE: 1})
    assert any_world.contacts["p_00001"] == before
    any_world.decide(1, "denied")
    assert any_world.run().removed == 1  # a withdrawal is heeded all the same
    assert "p_00001" not in any_world.contacts


@pytest.mark.parametrize("policy", ["archive", "clear", "delete", "merge"])
@pytest.mark.parametrize("has_own", [True, False])
def test_a_merge_by_a_weaker_link_touches_neither_contact(world: World, policy: str, has_own: bool) -> None:
    world.write_sync(
        "contacts", EXACT.replace("on_removed: archive", f"on_removed: archive\non_merge: {policy}")
    )
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.add_people([1, 2] if has_own else [1])
    say(world, p_00001="exact", p_00002="exact")
    world.run()
    before = dict(world.contacts)
    if not has_own:
        world.add_people([2])
    merge(world, 1, 2)
    say(world, p_00002="strict")
    report = world.run()
    assert (report.planned, report.held, world.contacts) == (0, {UNSURE: 1}, before)
    say(world, p_00002="exact")
    assert world.run().planned == (2 if has_own and policy == "merge" else 1)
    assert len(world.contacts) == (2 if has_own and policy == "clear" else 1)


def test_a_plan_is_out_of_date_when_the_confidence_changes(world: World) -> None:
    world.write_sync("contacts", OPEN)
    world.add_people(range(2))
    plan = plan_sync(world.settings, "contacts")
    say(world, p_00001="exact")
    world.write_sync("contacts", EXACT)
    with pytest.raises(UsageError, match="the sync's confidence changed since"):
        world.run(plan_id=plan.plan_id)


@pytest.mark.parametrize("said", ["strict", "loose"])
def test_other_confidences_take_every_link(world: World, said: str) -> None:
    world.write_sync("contacts", EXACT.replace("exact", said))
    world.add_people(range(2))
    assert world.run().delivered == 2


def test_without_the_variable_it_is_refused_and_says_what_to_do(world: World) -> None:
    world.write_sync("contacts", EXACT)
    world.add_people(range(2))
    with pytest.raises(ConfigurationError, match="exact_links: true"):
        plan_sync(world.settings, "contacts")
    say(world, p_00001="exact")
    world.sql("delete from marts.person_confidence")
    with pytest.raises(ConfigurationError, match="tells of nobody"):
        world.run()
    assert world.sandbox.hubspot.requests == 0


def test_a_file_and_rows_that_are_no_people_cannot_ask_for_it(world: World) -> None:
    world.write_sync("people", FILE_SYNC + "confidence: exact\n")
    (problem,) = validate_syncs(world.settings, ["people"]).problems
    assert "`csv` is written whole" in problem.message
    world.sql("create table activation.sync_files__shops (shop_id text)")
    text = "description: Shops.\nowner: a@b.co\nmodel: sync_files__shops\nkey: shop_id\ndestination: files\n"
    text += "object: csv\nmode: mirror\nfields: {shop: shop_id}\non_removed: delete\nconfidence: exact\n"
    world.write_sync("people", text)
    told = [problem.message for problem in validate_syncs(world.settings, ["people"]).problems]
    assert any("confidence is of people" in message for message in told), told
