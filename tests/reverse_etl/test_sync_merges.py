"""People who are merged and split: whose contact carries on as whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reverse_etl.api.plan import plan_sync
from tests.reverse_etl.world import SYNC, World

OPEN = SYNC + "guards: {max_delete_share: null, max_create_share: null}\n"


def merge(world: World, retired: int, survivor: int) -> None:
    """What a build leaves when two people turn out to be one."""
    world.sql(
        "create table if not exists marts.person_aliases (alias_person_id text, person_id text)",
        f"insert into marts.person_aliases values ('p_{retired:05}', 'p_{survivor:05}')",
        f"delete from activation.sync_hubspot__contacts where person_id = 'p_{retired:05}'",
        f"update marts.consents set person_id = 'p_{survivor:05}' where person_id = 'p_{retired:05}'",
    )


def ids(world: World) -> dict[str, str]:
    """kith_person_id → the contact's own id."""
    contacts = world.sandbox.truth()["contacts"]
    return {contact.get("kith_person_id", ""): found for found, contact in contacts.items()}


def start(world: World, numbers: range, text: str = OPEN) -> None:
    """These people delivered, and no merge known."""
    world.write_sync("contacts", text)
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.add_people(numbers)
    world.run()


def test_a_contact_carries_on_as_the_survivors_who_has_none(any_world: World) -> None:
    start(any_world, range(3))
    old = ids(any_world)["p_00001"]
    any_world.add_people([7])
    merge(any_world, 1, 7)
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.new, plan.changed, plan.removed, plan.rekeyed, plan.remapped) == (0, 1, 0, 1, 0)
    assert any_world.run(plan_id=plan.plan_id).delivered == 1
    assert ids(any_world)["p_00007"] == old
    assert len(any_world.contacts) == 3
    assert any_world.contacts["p_00007"]["email"] == "person7@example.com"
    assert any_world.run().planned == 0
    assert any_world.sql(
        "select record_key, status, destination_id from ops.sync_records "
        "where record_key in ('p_00001', 'p_00007') order by 1"
    ) == [("p_00001", "merged", None), ("p_00007", "delivered", old)]


@pytest.mark.parametrize(("policy", "left", "removed"), [("archive", 2, 1), ("leave", 3, 0), ("clear", 3, 1)])
def test_a_contact_of_somebody_whose_survivor_has_one_follows_the_policy(
    world: World, policy: str, left: int, removed: int
) -> None:
    start(world, range(3), OPEN + f"on_merge: {policy}\n")
    survivor = ids(world)["p_00002"]
    merge(world, 1, 2)
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed, plan.rekeyed) == (removed, 0)
    assert plan.removed_reasons == ({"merged into another person": 1} if removed else {})
    world.run(plan_id=plan.plan_id)
    assert (len(world.contacts), ids(world)["p_00002"]) == (left, survivor)
    assert ("firstname" in world.contacts.get("p_00001", {})) is (policy == "leave")


def test_of_two_that_become_a_third_the_oldest_contact_carries_on(world: World) -> None:
    start(world, range(2))
    world.add_people([2])
    world.settings = replace(world.settings, now=world.settings.now + timedelta(hours=1))
    world.run()
    oldest = ids(world)["p_00001"]
    world.add_people([7])
    merge(world, 1, 7)
    merge(world, 2, 7)
    report = world.run()
    assert (report.changed, report.removed, report.delivered) == (1, 1, 2)
    assert ids(world)["p_00007"] == oldest
    assert set(world.contacts) == {"p_00000", "p_00007"}


def test_a_contact_is_kept_while_its_survivor_cannot_be_written(world: World) -> None:
    start(world, range(3))
    world.add_people([7])
    merge(world, 1, 7)
    world.sandbox.faults.fail_values = {"person7@example.com"}
    assert world.run().rejected == 1
    assert "p_00001" in world.contacts
    world.sandbox.faults.fail_values = set()
    world.set(7, given_name="Ana")
    old = ids(world)["p_00001"]
    assert world.run().delivered == 1
    assert ids(world)["p_00007"] == old


def test_a_survivor_without_consent_takes_no_contact(world: World) -> None:
    start(world, range(3))
    world.add_people([7], consent="denied")
    merge(world, 1, 7)
    world.decide(7, "denied")
    report = world.run()
    assert (report.removed, report.delivered, report.held) == (1, 1, {"no consent": 1})
    assert set(world.contacts) == {"p_00000", "p_00002"}


def test_after_a_split_the_id_that_stays_keeps_the_contact(world: World) -> None:
    start(world, range(3), OPEN.replace("on_removed: archive", "on_removed: leave"))
    stays = ids(world)["p_00001"]
    # Person 9 leaves person 1 and takes the e-mail along; person 1 is left without a consent.
    world.set(1, email="other1@example.com")
    world.add_people([9])
    world.sql(
        "update activation.sync_hubspot__contacts set email = 'person1@example.com' "
        "where person_id = 'p_00009'",
        "update marts.consents set contact_point = 'person1@example.com' where person_id = 'p_00009'",
    )
    report = world.run()
    assert report.reasons == {"CONFLICT its contact is another person's": 1}
    assert ids(world)["p_00001"] == stays
    assert "p_00009" not in world.contacts


def test_a_contact_found_by_email_with_a_retired_id_is_the_survivors(world: World) -> None:
    world.write_sync("contacts", OPEN)
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.sandbox.hubspot.contacts.create({"email": "person7@example.com", "kith_person_id": "p_00001"})
    world.add_people([7])
    merge(world, 1, 7)
    assert world.run().delivered == 1
    assert list(world.contacts) == ["p_00007"]
