"""A run taken back."""

from __future__ import annotations

import os
import stat
import time

import pyarrow as pa
import pytest

from reverse_etl.api.approve import approve_plan
from reverse_etl.api.forget import forget_people
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.undo import plan_undo, undo_run
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import HeldError, UsageError
from tests.reverse_etl.test_sync_edited import edit
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

KEPT = SYNC.replace("firstname: given_name", "firstname: {from: given_name, write: ours_until_edited}")
KEPT += "undo_days: 7\nguards: {max_create_share: null}\n"


def start(world: World) -> None:
    """Three people delivered; one contact was there before us."""
    world.write_sync("contacts", KEPT)
    world.sandbox.hubspot.contacts.create({"email": "person1@example.com", "jobtitle": "Buyer"})
    world.add_people(range(3))
    world.run()


def test_an_undo_gives_back_what_was_and_archives_what_was_created(any_world: World) -> None:
    start(any_world)
    before = {key: dict(contact) for key, contact in any_world.contacts.items()}
    any_world.add_people([3])
    any_world.set(1, given_name="Ana", net_revenue=70)
    any_world.set(2, given_name=None, net_revenue=None)
    run = any_world.run()
    assert (run.new, run.changed) == (1, 2)
    plan = plan_undo(any_world.settings, run.run_id)
    assert (plan.kind, plan.removed, plan.changed, plan.held) == ("undo", 1, 2, {})
    report = undo_run(any_world.settings, run.run_id)
    assert (report.status, report.delivered, report.left) == ("undone", 3, [])
    any_world.assert_counts_add_up()
    assert any_world.contacts == before


def test_what_was_undone_is_not_sent_again_without_a_yes(world: World) -> None:
    start(world)
    world.add_people([3])
    world.set(1, given_name="Ana")
    run = world.run()
    undo_run(world.settings, run.run_id)
    requests = world.sandbox.truth()["requests"]
    with pytest.raises(HeldError, match="2 records would be sent, or removed, again"):
        world.run()
    assert world.sandbox.truth()["requests"] == requests
    plan = plan_sync(world.settings, "contacts")
    assert (plan.new, plan.changed, plan.undone) == (1, 1, 2)
    approve_plan(world.settings, plan.plan_id, "me", "it was right after all")
    assert world.run(plan_id=plan.plan_id).edited == {}
    assert world.contacts["p_00001"]["firstname"] == "Ana"
    assert world.run().planned == 0


def test_what_was_edited_since_is_left_and_listed(world: World) -> None:
    start(world)
    world.add_people([3])
    world.set(1, given_name="Ana", net_revenue=70)
    world.set(2, given_name="Bea")
    run = world.run()
    edit(world, 1, firstname="Annie")
    edit(world, 3, kith_net_revenue="1")
    report = undo_run(world.settings, run.run_id)
    assert (report.delivered, report.left, report.skipped) == (2, ["p_00003"], {"edited there since": 1})
    assert report.edited == {"firstname": 1}
    first = world.contacts["p_00001"]
    assert (first["firstname"], first["kith_net_revenue"]) == ("Annie", "1.50")
    assert world.contacts["p_00002"]["firstname"] == "Given2"
    assert "p_00003" in world.contacts


def test_what_a_later_run_wrote_or_the_run_removed_is_told_and_left(world: World) -> None:
    start(world)
    world.set(1, given_name="Ana")
    world.set(2, given_name="Bea")
    world.decide(0, "denied")
    run = world.run()
    world.set(2, given_name="Bella")
    world.run()
    plan = plan_undo(world.settings, run.run_id)
    assert (plan.changed, list(plan.held.values())) == (1, [1, 1])
    undo_run(world.settings, run.run_id)
    assert (world.contacts["p_00001"]["firstname"], world.contacts["p_00002"]["firstname"]) == (
        "Given1",
        "Bella",
    )
    assert "p_00000" not in world.contacts


def test_the_values_before_are_their_owners_alone_and_go_when_their_days_are_over(world: World) -> None:
    start(world)
    world.set(1, given_name="Ana")
    run = world.run()
    path = next((world.settings.home / "undo").glob(f"{run.run_id}.*"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Given1" in path.read_bytes()
    old = time.time() - 8 * 86_400
    os.utime(path, (old, old))
    plan_sync(world.settings, "contacts")
    assert not path.exists()
    with pytest.raises(UsageError, match="its days are over"):
        plan_undo(world.settings, run.run_id)


def test_what_cannot_be_undone_is_refused(world: World) -> None:
    world.add_people([1])
    run = world.run()
    with pytest.raises(UsageError, match="nothing was kept of it"):
        plan_undo(world.settings, run.run_id)
    with pytest.raises(UsageError, match="no run `nope`"):
        undo_run(world.settings, "nope")
    world.write_sync("people", FILE_SYNC + "undo_days: 7\n")
    problems = validate_syncs(world.settings, ["people"]).problems
    assert "a run to `csv` cannot be undone" in problems[0].message


def test_what_was_emptied_is_filled_again_and_waits_for_a_yes(any_world: World) -> None:
    any_world.write_sync("contacts", KEPT.replace("on_removed: archive", "on_removed: clear"))
    any_world.add_people(range(3))
    any_world.run()
    any_world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00001'")
    before = dict(any_world.contacts["p_00001"])
    run = any_world.run()
    assert (run.removed, "firstname" in any_world.contacts["p_00001"]) == (1, False)
    plan = plan_undo(any_world.settings, run.run_id)
    assert (plan.changed, plan.held) == (1, {})
    assert undo_run(any_world.settings, run.run_id).delivered == 1
    assert any_world.contacts["p_00001"] == before
    with pytest.raises(HeldError, match="1 records would be sent, or removed, again"):
        any_world.run()


def test_nothing_is_given_back_to_who_refused_since(any_world: World) -> None:
    start(any_world)
    any_world.set(1, given_name="Ana")
    any_world.set(2, given_name="Bea")
    run = any_world.run()
    any_world.decide(1, "denied")
    # Out of the model too: the key and the address before say whom to ask.
    any_world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00001'")
    plan = plan_undo(any_world.settings, run.run_id)
    assert (plan.changed, plan.held) == (1, {"may not be written to any more": 1})
    requests = len(any_world.sandbox.hubspot.applied)
    assert undo_run(any_world.settings, run.run_id).delivered == 1
    assert {change.key for change in any_world.sandbox.hubspot.applied[requests:]} == {"p_00002"}


def test_an_address_that_was_refused_is_not_given_back(world: World) -> None:
    start(world)
    world.sql(
        "insert into marts.consents values "
        "('p_00001', 'marketing', 'email', 'email', 'new@example.com', 'granted')"
    )
    world.set(1, email="new@example.com")
    run = world.run()
    world.sql("update marts.consents set state = 'denied' where contact_point = 'person1@example.com'")
    assert plan_undo(world.settings, run.run_id).held == {"may not be written to any more": 1}


def test_archived_contacts_are_told_with_the_way_back(world: World) -> None:
    start(world)
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00001'")
    (words,) = plan_undo(world.settings, world.run().run_id).held
    assert "recycling bin, within 90 days" in words


def test_the_values_of_an_erased_person_leave_undo_files_and_frozen_plans(world: World) -> None:
    start(world)
    world.set(1, given_name="Ana")
    world.set(2, given_name="Bea")
    run = world.run()
    world.set(1, given_name="Anabel")
    plan = plan_sync(world.settings, "contacts")
    home = world.settings.home
    undo = next((home / "undo").glob(f"{run.run_id}.*"))
    frozen = next((home / "plans" / plan.plan_id).glob("*.arrow"))
    assert b"person1@example.com" in undo.read_bytes()
    assert forget_people(world.settings, ["p_00001"]) == 3
    for path in (undo, frozen):
        assert b"person1@example.com" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pa.ipc.open_file(frozen).read_all().num_rows == 0
    assert undo_run(world.settings, run.run_id).delivered == 1
    assert forget_people(world.settings, ["p_00001"]) == 0
