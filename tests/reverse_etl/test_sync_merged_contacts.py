"""`on_merge: merge`: contacts of merged people are merged at the destination, once, whatever is cut short."""

from __future__ import annotations

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.undo import plan_undo, undo_run
from reverse_etl.sandbox import Faults
from tests.reverse_etl.test_sync_merges import OPEN, ids, merge, start
from tests.reverse_etl.world import World

MERGING = OPEN + "on_merge: merge\n"


def state(world: World) -> list[tuple[str, str, str | None]]:
    """Key, status and learned id of each record."""
    return world.sql("select record_key, status, destination_id from ops.sync_records order by 1")


def merges(world: World) -> int:
    """Merges that the account carried out."""
    contacts = world.sandbox.hubspot.contacts.by_id.values()
    return sum(contact.merged_into is not None for contact in contacts) // 2


def assert_silent(world: World) -> None:
    """Two more runs plan and ask nothing."""
    before = world.sandbox.hubspot.requests
    assert [world.run().planned for _ in range(2)] == [0, 0]
    assert world.sandbox.hubspot.requests == before


def test_the_contacts_are_one_and_the_receipts_say_which(any_world: World) -> None:
    start(any_world, range(3), MERGING)
    learned = ids(any_world)
    any_world.sandbox.hubspot.contacts.by_id[learned["p_00001"]].properties["jobtitle"] = "Theirs"
    merge(any_world, 1, 2)
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.new, plan.changed, plan.removed, plan.rekeyed) == (0, 1, 1, 0)
    assert plan.removed_reasons == {"merged into another person": 1}
    report = any_world.run(plan_id=plan.plan_id)
    assert (report.planned, report.delivered, report.deferred) == (2, 2, 0)
    contact = any_world.contacts["p_00002"]
    assert set(any_world.contacts) == {"p_00000", "p_00002"}
    # Their own notes are in it, ours are the survivor's, and mail to either address finds it.
    assert (contact["jobtitle"], contact["firstname"]) == ("Theirs", "Given2")
    assert contact["hs_additional_emails"] == "person1@example.com"
    assert set(contact["hs_merged_object_ids"].split(";")) == {learned["p_00001"], learned["p_00002"]}
    assert ids(any_world)["p_00002"] not in learned.values()
    assert state(any_world) == [
        ("p_00000", "delivered", learned["p_00000"]),
        ("p_00001", "removed", None),
        ("p_00002", "delivered", ids(any_world)["p_00002"]),
    ]
    assert_silent(any_world)


@pytest.mark.parametrize("survivor_has_one", [True, False])
def test_several_who_become_one_at_once_are_one_contact(any_world: World, survivor_has_one: bool) -> None:
    start(any_world, range(5), MERGING)
    if not survivor_has_one:
        any_world.add_people([7])
    for retired in (1, 2, 3):
        merge(any_world, retired, 4 if survivor_has_one else 7)
    survivor = "p_00004" if survivor_has_one else "p_00007"
    report = any_world.run()
    # All were delivered in one moment: the key decides whose contact carries on.
    assert (report.changed, report.removed, report.delivered) == (
        (1, 3, 4) if survivor_has_one else (1, 2, 3)
    )
    assert set(any_world.contacts) == {"p_00000", survivor} | (set() if survivor_has_one else {"p_00004"})
    assert merges(any_world) == (3 if survivor_has_one else 2)
    contact = any_world.contacts[survivor]
    assert contact["email"] == f"person{int(survivor[2:])}@example.com"
    assert (survivor, "delivered", ids(any_world)[survivor]) in state(any_world)
    assert_silent(any_world)


@pytest.mark.parametrize("forwards", [False, True], ids=["old ids are gone", "old ids lead on"])
@pytest.mark.parametrize("lost", ["the merge's answer", "all that was done"])
def test_a_merge_whose_receipt_was_lost_is_found_and_not_repeated(
    world: World, forwards: bool, lost: str
) -> None:
    start(world, range(4), MERGING)
    world.sandbox.hubspot.contacts.forwards = forwards
    merge(world, 1, 3)
    merge(world, 2, 3)
    if lost == "the merge's answer":
        # Carried out, and the connection cut before the answer: the same request goes again.
        world.sandbox.set_faults(Faults(script=[None, "reset"], after=1.0))
    else:
        world.write_destinations(max_attempts=1)
        world.sandbox.set_faults(Faults(script=[None, None, None, *["reset"] * 9], after=0.0))
        assert world.run().deferred == 3
        assert merges(world) == 2
        world.sandbox.set_faults(Faults())
        world.write_destinations()
    assert world.run().delivered == 3
    assert merges(world) == 2
    assert set(world.contacts) == {"p_00000", "p_00003"}
    assert ("p_00003", "delivered", ids(world)["p_00003"]) in state(world)
    assert_silent(world)


@pytest.mark.parametrize("forwards", [False, True], ids=["old ids are gone", "old ids lead on"])
@pytest.mark.parametrize("heir", [False, True], ids=["survivor's own", "carried on"])
def test_who_withdraws_after_a_merge_that_nobody_heard_of_is_taken_out(
    world: World, forwards: bool, heir: bool
) -> None:
    start(world, range(4), MERGING)
    world.sandbox.hubspot.contacts.forwards = forwards
    survivor = 7 if heir else 3
    if heir:
        world.add_people([7])
    merge(world, 1, survivor)
    merge(world, 2, survivor)
    world.write_destinations(max_attempts=1)
    world.sandbox.set_faults(Faults(script=[None] * (2 if heir else 3) + ["reset"] * 9, after=0.0))
    world.run()
    assert merges(world) == (1 if heir else 2)
    world.sandbox.set_faults(Faults())
    world.write_destinations()
    for person in (1, 2, survivor):
        world.decide(person, "denied")
    world.run()
    assert set(world.contacts) == ({"p_00000", "p_00003"} if heir else {"p_00000"})
    assert_silent(world)


def by_hand(world: World, what: str) -> None:
    """What a representative did meanwhile."""
    contacts, known = world.sandbox.hubspot.contacts, ids(world)
    one, two = (contacts.by_id[known[key]] for key in ("p_00001", "p_00002"))
    if what == "deleted the retired one":
        contacts.archive(one)
    elif what == "deleted the survivor's":
        contacts.archive(two)
    elif what == "deleted both":
        contacts.archive(one)
        contacts.archive(two)
    elif what == "merged them":
        contacts.merge(one, two)
    else:
        contacts.merge(contacts.create({"email": "aside@example.com"}), one)


@pytest.mark.parametrize("forwards", [False, True], ids=["old ids are gone", "old ids lead on"])
@pytest.mark.parametrize(
    "what",
    [
        "deleted the retired one",
        "deleted the survivor's",
        "deleted both",
        "merged them",
        "merged one with another",
    ],
)
def test_what_was_done_by_hand_meanwhile_ends_in_one_contact(world: World, what: str, forwards: bool) -> None:
    start(world, range(3), MERGING)
    world.sandbox.hubspot.contacts.forwards = forwards
    by_hand(world, what)
    merge(world, 1, 2)
    assert world.run().delivered == 2
    assert set(world.contacts) == {"p_00000", "p_00002"}
    assert world.contacts["p_00002"]["email"] == "person2@example.com"
    assert ("p_00002", "delivered", ids(world)["p_00002"]) in state(world)
    assert_silent(world)


def test_a_contact_that_went_into_somebody_elses_is_left_to_them(world: World) -> None:
    start(world, range(4), MERGING)
    contacts, known = world.sandbox.hubspot.contacts, ids(world)
    contacts.forwards = True
    contacts.merge(contacts.by_id[known["p_00003"]], contacts.by_id[known["p_00001"]])
    merge(world, 1, 2)
    world.run()
    assert ids(world)["p_00002"] == known["p_00002"]
    assert world.contacts["p_00003"]["firstname"] == "Given3"


def test_a_merge_that_hubspot_refuses_is_a_reject_with_its_reason(world: World) -> None:
    start(world, range(3), MERGING)
    known = ids(world)
    full = world.sandbox.hubspot.contacts.by_id[known["p_00001"]].properties
    full["hs_merged_object_ids"] = ";".join(str(number) for number in range(10_000, 10_249))
    merge(world, 1, 2)
    report = world.run()
    assert (report.delivered, report.rejected, report.deferred) == (0, 1, 1)
    assert report.reasons == {"VALIDATION_ERROR, so that its contacts are not merged": 1}
    assert ids(world) == known
    # It waits, and what would go into it does too.
    assert world.run().planned == 0


def test_a_write_that_is_refused_after_its_merge_keeps_what_was_merged(world: World) -> None:
    start(world, range(3), MERGING)
    merge(world, 1, 2)
    world.sandbox.set_faults(Faults(fail_values={"Given2"}))
    report = world.run()
    assert (report.delivered, report.rejected, report.deferred) == (1, 1, 0)
    assert state(world)[1:] == [("p_00001", "removed", None), ("p_00002", "delivered", ids(world)["p_00002"])]
    world.sandbox.set_faults(Faults())
    assert world.run().planned == 0
    world.set(2, given_name="Ana")
    assert world.run().delivered == 1
    assert (world.contacts["p_00002"]["firstname"], merges(world)) == ("Ana", 1)
    assert_silent(world)


def test_a_survivor_that_waits_for_its_next_try_keeps_the_other_waiting(world: World) -> None:
    start(world, range(3), MERGING)
    world.set(2, given_name="Refused")
    world.sandbox.set_faults(Faults(fail_values={"Refused"}))
    assert world.run().rejected == 1
    merge(world, 1, 2)
    assert world.run().planned == 0
    world.sandbox.set_faults(Faults())
    world.set(2, given_name="Taken")
    assert world.run().delivered == 2
    assert merges(world) == 1
    assert_silent(world)


def test_a_value_of_the_merged_contact_that_is_ours_is_written_over(world: World) -> None:
    text = MERGING.replace(
        "kith_net_revenue: {from: net_revenue, on_null: clear}",
        "kith_net_revenue: {from: net_revenue, on_null: clear, write: ours_until_edited}",
    )
    world.write_sync("contacts", text)
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.add_people(range(3))
    world.set(2, net_revenue=None)
    world.run()
    merge(world, 1, 2)
    world.run()
    # The survivor's was empty, and the other's came with the merge.
    assert "kith_net_revenue" not in world.contacts["p_00002"]
    assert_silent(world)


def test_an_undo_says_what_a_merge_cannot_take_back(world: World) -> None:
    start(world, range(3), MERGING + "undo_days: 7\n")
    merge(world, 1, 2)
    world.set(0, given_name="Ana")
    report = world.run()
    (why,) = plan_undo(world.settings, report.run_id).held
    assert why == "merged into another by the run: a merge cannot be taken back there"
    undo_run(world.settings, report.run_id)
    assert world.contacts["p_00000"]["firstname"] == "Given0"
    assert set(world.contacts) == {"p_00000", "p_00002"}
