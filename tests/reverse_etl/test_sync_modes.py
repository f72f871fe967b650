"""Modes insert, update and event: what each sends, and what it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import HeldError
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

INSERT = SYNC.replace("mode: mirror", "mode: insert").replace("on_removed: archive\n", "")
UPDATE = INSERT.replace("mode: insert", "mode: update")
EVENTS = """\
description: Orders as events.
owner: tests@example.com
model: sync_hubspot__orders
key: event_id
destination: hubspot
object: events
mode: event
purpose: marketing
channel: email
fields:
  eventName: event_name
  occurredAt: occurred_at
  email: email
  value: value
"""


def add_events(world: World, *numbers: int) -> None:
    """An order a person p_<n>, who consents."""
    world.sql(
        "create table if not exists activation.sync_hubspot__orders (event_id text, person_id text, "
        "event_name text, email text, occurred_at timestamp, value decimal(18, 2))"
    )
    for n in numbers:
        world.sql(
            f"insert into activation.sync_hubspot__orders values ('e{n}', 'p_{n:05}', 'pe1_order', "
            f"'person{n}@example.com', timestamp '2026-11-01 10:00:00', {n})",
            f"insert into marts.consents values ('p_{n:05}', 'marketing', 'email', 'email', "
            f"'person{n}@example.com', 'granted')",
        )


def there(world: World, **properties: str) -> None:
    """A contact that the account had before us."""
    world.sandbox.hubspot.contacts.create(properties)


def test_insert_creates_who_is_not_there_and_touches_nobody_else(any_world: World) -> None:
    any_world.write_sync("contacts", INSERT)
    any_world.add_people(range(3))
    there(any_world, email="person1@example.com", firstname="Annie")
    report = any_world.run()
    assert (report.status, report.delivered, report.deferred, report.skipped) == (
        "done",
        2,
        1,
        {"there already": 1},
    )
    assert any_world.contacts["person1@example.com"] == {"email": "person1@example.com", "firstname": "Annie"}
    for person in range(3):
        any_world.set(person, given_name="Ana")
    requests = any_world.sandbox.truth()["requests"]
    again = any_world.run()
    assert (again.planned, again.held) == (0, {"there already": 1})
    assert any_world.sandbox.truth()["requests"] == requests
    assert any_world.contacts["p_00002"]["firstname"] == "Given2"


def test_who_came_to_be_there_meanwhile_is_left_too(world: World) -> None:
    world.write_sync("contacts", INSERT)
    world.add_people(range(4))
    emulator = world.sandbox.hubspot.contacts
    find = emulator.find

    def late(value: str, name: str | None) -> object:
        """Person 1 signs up between our question and our request."""
        found = find(value, name)
        if value == "person1@example.com" and found is None:
            emulator.create({"email": value, "firstname": "Annie"})
        return found

    emulator.find = late
    report = world.run()
    emulator.find = find
    assert (report.delivered, report.skipped) == (3, {"there already": 1})
    assert world.contacts["person1@example.com"]["firstname"] == "Annie"


def test_what_insert_created_unheard_counts_as_delivered(world: World) -> None:
    world.write_sync("contacts", INSERT)
    world.write_destinations(max_attempts=1, backoff_seconds=0)
    world.add_people(range(5))
    world.sandbox.faults.error, world.sandbox.faults.only_writes = 1.0, True
    while not world.contacts:  # half of the errors come after the work
        assert world.run().delivered == 0
    world.sandbox.faults.error = 0.0
    report = world.run()
    assert (report.delivered, report.skipped, len(world.contacts)) == (5, {}, 5)


def test_update_writes_who_is_there_and_looks_for_the_others_daily(any_world: World) -> None:
    any_world.write_sync("contacts", UPDATE)
    any_world.add_people(range(3))
    there(any_world, email="person1@example.com", firstname="Annie")
    report = any_world.run()
    assert (report.status, report.delivered, report.rejected, report.skipped) == (
        "done",
        1,
        0,
        {"not there": 2},
    )
    assert [contact["firstname"] for contact in any_world.contacts.values()] == ["Given1"]
    assert any_world.run().held == {"not there": 2}
    there(any_world, email="person2@example.com")
    later = replace(any_world.settings, now=any_world.settings.now + timedelta(days=1, minutes=1))
    assert plan_sync(later, "contacts").new == 2
    any_world.set(2, given_name="Ana")
    report = any_world.run()
    assert (report.delivered, report.held) == (1, {"not there": 1})
    assert any_world.contacts["p_00002"]["firstname"] == "Ana"


def test_update_does_not_bring_back_who_was_deleted_there(world: World) -> None:
    world.write_sync("contacts", UPDATE)
    world.add_people([1])
    there(world, email="person1@example.com")
    world.run()
    emulator = world.sandbox.hubspot.contacts
    emulator.archive(next(iter(emulator.by_id.values())))
    world.set(1, given_name="Ana")
    assert world.run().skipped == {"not there": 1}
    assert world.contacts == {}


def test_each_event_is_sent_once_whatever_becomes_of_its_row(any_world: World) -> None:
    any_world.write_sync("orders", EVENTS)
    add_events(any_world, 1, 2)
    assert any_world.run("orders").delivered == 2
    any_world.sql(
        "update activation.sync_hubspot__orders set value = 99 where event_id = 'e1'",
        "delete from activation.sync_hubspot__orders where event_id = 'e2'",
    )
    add_events(any_world, 3)
    assert any_world.run("orders").delivered == 1
    received = any_world.sandbox.truth()["events"]
    assert sorted(event["email"] for event in received) == [f"person{n}@example.com" for n in (1, 2, 3)]
    assert len({event["uuid"] for event in received}) == 3
    assert min(received, key=lambda event: event["email"]) == {
        "eventName": "pe1_order",
        "occurredAt": "2026-11-01T10:00:00.000000Z",
        "email": "person1@example.com",
        "uuid": min(received, key=lambda event: event["email"])["uuid"],
        "properties": {"value": "1.00"},
    }


def test_an_event_sent_again_after_a_lost_answer_has_the_same_uuid(world: World) -> None:
    world.write_sync("orders", EVENTS)
    world.write_destinations(max_attempts=1, backoff_seconds=0)
    add_events(world, 1)
    world.sandbox.faults.error = 1.0
    while not world.sandbox.truth()["events"]:
        world.run("orders")
    world.sandbox.faults.error = 0.0
    assert world.run("orders").delivered == 1
    assert len({event["uuid"] for event in world.sandbox.truth()["events"]}) == 1


def test_a_window_of_events_may_be_empty_where_the_sync_says_so(world: World) -> None:
    world.write_sync("orders", EVENTS)
    add_events(world, 1)
    world.run("orders")
    world.sql("delete from activation.sync_hubspot__orders")
    with pytest.raises(HeldError):
        world.run("orders")
    world.write_sync("orders", EVENTS + "guards: {min_rows: 0}\n")
    assert world.run("orders").planned == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INSERT.replace("object: contacts", "object: events"), "`events` takes no mode `insert`"),
        (EVENTS.replace("  occurredAt: occurred_at\n", ""), "`events` needs a field `occurredAt`"),
        (EVENTS.replace("  email: email\n", ""), "a field `email` or `objectId` or `utk`"),
        (FILE_SYNC.replace("mode: mirror", "mode: insert"), "`csv` takes no mode `insert`"),
        (INSERT + "on_removed: archive\n", "on_removed needs `mode: mirror`"),
    ],
)
def test_a_mode_that_the_object_does_not_take_is_refused(world: World, text: str, words: str) -> None:
    add_events(world, 1)
    world.write_sync("other", text)
    assert any(words in problem.message for problem in validate_syncs(world.settings, ["other"]).problems)
