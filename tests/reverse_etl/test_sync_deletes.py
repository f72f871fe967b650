"""`on_removed: delete`: the destination forgets for good, who left and nobody else."""

from __future__ import annotations

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.undo import plan_undo
from reverse_etl.destinations.hubspot.emulator import HubSpot
from reverse_etl.sandbox import Faults
from tests.reverse_etl.world import SYNC, World

DELETE = SYNC.replace("on_removed: archive", "on_removed: delete") + "undo_days: 7\n"


def account(world: World) -> HubSpot:
    found = world.sandbox.emulators["hubspot"]
    assert isinstance(found, HubSpot)
    return found


def ids_of(world: World) -> dict[str, str]:
    contacts = account(world).contacts.by_id.values()
    return {contact.properties["kith_person_id"]: contact.id for contact in contacts}


def leave(world: World, *people: int) -> None:
    keys = ", ".join(f"'p_{n:05}'" for n in people)
    world.sql(f"delete from activation.sync_hubspot__contacts where person_id in ({keys})")


def test_who_left_or_withdrew_is_deleted_for_good_and_comes_back_as_somebody_new(any_world: World) -> None:
    world = any_world
    world.write_sync("contacts", DELETE)
    world.add_people(range(8))
    world.run()
    before = dict(world.contacts)
    ids = {
        contact.properties["kith_person_id"]: id_ for id_, contact in account(world).contacts.by_id.items()
    }
    leave(world, 1, 2)
    world.decide(3, "denied")
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed, plan.requests) == (3, 3)
    asked = world.sandbox.truth()["requests"]
    report = world.run()
    assert (report.removed, report.delivered) == (3, 3)
    assert world.sandbox.truth()["requests"] - asked == 3
    gone = {f"p_{n:05}" for n in (1, 2, 3)}
    assert set(account(world).erased) == {ids[key] for key in gone}
    assert all(account(world).contacts.by_id[ids[key]].properties == {} for key in gone)
    assert world.contacts == {key: held for key, held in before.items() if key not in gone}
    assert world.run().planned == 0

    held = plan_undo(world.settings, report.run_id).held
    assert held == {"deleted by the run: nothing brings them back": 3}
    world.add_people([1], consent=None)
    assert world.run().new == 1
    assert world.contacts["p_00001"]["firstname"] == "Given1"
    assert ids["p_00001"] not in world.sandbox.truth()["contacts"]


def test_a_delete_whose_answer_was_lost_or_that_somebody_did_before_counts_once(world: World) -> None:
    world.write_sync("contacts", DELETE)
    world.add_people(range(4))
    world.run()
    emulator = account(world)
    ids = ids_of(world)
    emulator.contacts.erase(emulator.contacts.by_id[ids["p_00001"]])
    leave(world, 1, 2)
    world.sandbox.set_faults(Faults(script=["error", "error"], after=1.0))
    report = world.run()
    world.sandbox.set_faults(Faults())
    assert (report.removed, report.delivered, report.rejected) == (2, 2, 0)
    assert emulator.erased == [ids["p_00002"]]
    assert set(world.contacts) == {"p_00000", "p_00003"}
    assert world.run().planned == 0
