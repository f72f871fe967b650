"""Fields that are ours until somebody edits them at the destination."""

from __future__ import annotations

import json

import pytest

from reverse_etl.destinations.policies import plain_form
from tests.reverse_etl.world import SYNC, World

OURS = SYNC.replace(
    "  firstname: given_name\n  kith_net_revenue: {from: net_revenue, on_null: clear}\n",
    "  firstname: {from: given_name, write: ours_until_edited}\n"
    "  kith_net_revenue: {from: net_revenue, on_null: clear, write: ours_until_edited}\n",
)


@pytest.fixture
def ours(world: World) -> World:
    return with_three(world)


def with_three(world: World) -> World:
    """Three people, delivered."""
    world.write_sync("contacts", OURS)
    world.add_people(range(3))
    world.run()
    return world


def edit(world: World, person: int, **values: str) -> None:
    """What a representative does in the CRM."""
    contacts = world.sandbox.hubspot.contacts
    contact = contacts.find(f"p_{person:05}", "kith_person_id")
    assert contact is not None
    contacts.write(contact, values)


def test_an_edit_survives_while_other_fields_and_records_move_on(any_world: World) -> None:
    ours = with_three(any_world)
    edit(ours, 1, firstname="Annie")
    for person in (0, 1):
        ours.set(person, given_name="Ana", net_revenue=70 + person)
    report = ours.run()
    assert (report.delivered, report.edited) == (2, {"firstname": 1})
    assert (ours.contacts["p_00001"]["firstname"], ours.contacts["p_00001"]["kith_net_revenue"]) == (
        "Annie",
        "71.00",
    )
    assert ours.contacts["p_00000"]["firstname"] == "Ana"
    assert ours.sql("select record_key, edited from ops.sync_records where edited is not null") == [
        ("p_00001", "firstname")
    ]


def test_an_edit_stays_theirs_until_the_value_is_ours_again(ours: World) -> None:
    edit(ours, 1, firstname="Annie")
    for name in ("Ana", "Anna"):
        ours.set(1, given_name=name)
        assert ours.run().edited == {"firstname": 1}
    edit(ours, 1, firstname="Anna")
    ours.set(1, net_revenue=3)
    assert ours.run().edited == {}
    ours.set(1, given_name="Hanna")
    ours.run()
    assert ours.contacts["p_00001"]["firstname"] == "Hanna"


def test_an_emptied_field_is_an_edit(ours: World) -> None:
    edit(ours, 1, firstname="")
    ours.set(1, given_name="Ana")
    assert ours.run().edited == {"firstname": 1}
    assert "firstname" not in ours.contacts["p_00001"]


def test_a_value_that_was_there_before_us_is_not_ours(world: World) -> None:
    world.write_sync("contacts", OURS)
    world.add_people([1])
    world.sandbox.hubspot.contacts.create({"email": "person1@example.com", "firstname": "Annie"})
    assert world.run().edited == {"firstname": 1}
    assert world.contacts["p_00001"]["kith_net_revenue"] == "1.50"


def test_the_destinations_own_form_of_a_value_is_no_edit(world: World) -> None:
    world.sandbox.hubspot.contacts.stored_as = lambda name, value: (
        f"= {value} EUR" if "rev" in name else value
    )
    world.write_sync("contacts", OURS)
    world.add_people([1])
    world.run()
    for revenue in (7, 8):
        world.set(1, net_revenue=revenue)
        assert world.run().edited == {}
    assert world.contacts["p_00001"]["kith_net_revenue"] == "= 8.00 EUR"


def test_a_policy_that_comes_later_knows_what_was_written_before(world: World) -> None:
    world.add_people(range(2))
    world.run()
    edit(world, 1, firstname="Annie")
    world.write_sync("contacts", OURS)
    for person in (0, 1):
        world.set(person, given_name="Ana")
    assert world.run().edited == {"firstname": 1}
    assert world.contacts["p_00000"]["firstname"] == "Ana"


def test_a_write_that_was_never_acknowledged_is_no_edit(ours: World) -> None:
    ours.set(1, given_name="Ana")
    ours.write_destinations(max_attempts=1, backoff_seconds=0)
    ours.sandbox.faults.error = 1.0
    ours.sandbox.faults.only_writes = True
    while ours.contacts["p_00001"]["firstname"] != "Ana":  # half of the errors come after the work
        assert ours.run().delivered == 0
    ours.sandbox.faults.error = 0.0
    ours.set(1, given_name="Hanna")
    assert ours.run().edited == {}
    assert ours.contacts["p_00001"]["firstname"] == "Hanna"


def test_clearing_takes_back_what_is_ours_alone(world: World) -> None:
    world.write_sync(
        "contacts", OURS.replace("on_removed: archive", "on_removed: clear\nguards: {max_delete_share: null}")
    )
    world.add_people([1, 2])
    world.run()
    edit(world, 1, firstname="Annie")
    world.decide(1, "denied")
    assert world.run().removed == 1
    assert (
        world.contacts["p_00001"].get("firstname"),
        world.contacts["p_00001"].get("kith_net_revenue"),
    ) == (
        "Annie",
        None,
    )


def test_who_withdraws_consent_is_archived_edited_or_not(ours: World) -> None:
    edit(ours, 1, firstname="Annie")
    ours.decide(1, "denied")
    assert ours.run().delivered == 1
    assert "p_00001" not in ours.contacts


def test_no_value_is_in_the_state(ours: World) -> None:
    edit(ours, 1, firstname="Annie")
    ours.set(1, given_name="Ana")
    ours.run()
    rows = ours.sql("select fingerprints from ops.sync_records order by record_key")
    assert [sorted(json.loads(held)) for (held,) in rows] == [["firstname", "kith_net_revenue"]] * 3
    assert not any(name in held for (held,) in rows for name in ("Annie", "Ana", "Given", ".50"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.50", "10.5", True),
        ("10.0", "10", True),
        ("01", "1", False),
        ("+34 600-100 200", "+34600100200", True),
        ("Ana@Example.com", "ana@example.com", True),
        ("Ana", "ana", False),
        ("2026-11-01T10:00:00.000000Z", "2026-11-01T11:00:00+01:00", True),
        ("2026-11-01", "2026-11-01T00:00:00Z", True),
        ("", "0", False),
    ],
)
def test_forms_of_one_value_are_told_from_other_values(one: str, other: str, same: bool) -> None:
    assert (plain_form(one) == plain_form(other)) is same
