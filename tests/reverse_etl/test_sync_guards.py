"""What holds a plan until a person approves it: vanished consents, shares, lost state, a changed mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from reverse_etl.api.approve import approve_plan
from reverse_etl.api.gate import gate_for
from reverse_etl.api.plan import kept_plan, plan_sync
from reverse_etl.api.restore import restore_sync
from reverse_etl.api.run import run_sync
from reverse_etl.api.status import sync_status
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import HeldError, UsageError
from reverse_etl.state.entries import ACKNOWLEDGED
from reverse_etl.state.journal import open_journal
from tests.reverse_etl.world import FILE_SYNC, SYNC, World


def assert_held(world: World, *words: str, name: str = "contacts") -> None:
    """A run is held with these words, says how to approve, and makes no request."""
    requests = world.sandbox.truth()["requests"]
    with pytest.raises(HeldError) as raised:
        run_sync(world.settings, name)
    for word in words:
        assert word in raised.value.message
    assert "kith sync approve" in str(raised.value)
    assert world.sandbox.truth()["requests"] == requests


def approve(world: World, name: str = "contacts") -> None:
    """Plan, approve, send."""
    plan = plan_sync(world.settings, name)
    approve_plan(world.settings, plan.plan_id, "ana", "as it should be")
    world.run(name, plan_id=plan.plan_id)


def test_consents_that_vanished_hold_the_mirror_that_would_remove_everyone(any_world: World) -> None:
    any_world.add_people(range(12))
    any_world.run()
    any_world.sql("delete from marts.consents")
    assert_held(any_world, "consents 0 to purpose marketing, channel email", "to remove 12 of 12 delivered")
    assert len(any_world.contacts) == 12
    approve(any_world)
    assert any_world.contacts == {}


def test_even_few_are_not_all_removed_unasked(world: World) -> None:
    world.add_people(range(3))
    world.run()
    world.sql("delete from marts.consents")
    assert_held(world, "consents 0", "to remove 3 of 3")


def test_consents_that_shrank_hold_a_sync_that_removes_nobody(world: World) -> None:
    world.write_sync("contacts", SYNC.replace("mirror", "upsert").replace("on_removed: archive\n", ""))
    world.add_people(range(50))
    world.run()
    world.sql("delete from marts.consents where person_id < 'p_00012'")
    assert_held(world, "consents lost 12 of 50 people of the last good run (24%; guard max_shrink 20%)")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from activation.sync_hubspot__contacts where net_revenue < 30", "rows lost 30 of 100"),
        ("update marts.consents set state = 'denied' where person_id < 'p_00015'", "to remove 15 of 100"),
    ],
)
def test_shares_hold_by_default(any_world: World, statement: str, words: str) -> None:
    any_world.add_people(range(100))
    any_world.run()
    any_world.sql(statement)
    assert_held(any_world, words)
    assert len(any_world.contacts) == 100


def test_many_new_ones_are_held_but_never_at_a_first_delivery(world: World) -> None:
    world.add_people(range(40))
    plan = plan_sync(world.settings, "contacts")
    assert (plan.new, plan.guard) == (40, None)
    world.run()
    world.add_people(range(40, 49))
    assert world.run().new == 9
    world.add_people(range(49, 80))
    assert_held(world, "to create 31 of 49 delivered (63%; guard max_create_share 20%)")
    approve(world)
    assert len(world.contacts) == 80
    assert world.run().planned == 0


def test_a_few_are_no_shares_business_and_the_number_of_few_is_a_guard(world: World) -> None:
    world.add_people(range(20))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where net_revenue < 4")
    assert plan_sync(world.settings, "contacts").guard is None
    world.write_sync("contacts", SYNC + "guards: {share_from: 1, max_shrink: null}\n")
    assert plan_sync(world.settings, "contacts").guard == (
        "to remove 4 of 20 delivered (20%; guard max_delete_share 5%)"
    )
    world.write_sync("contacts", SYNC + "guards: {share_from: 1, max_shrink: null, max_delete_share: null}\n")
    assert world.run().removed == 4


def test_an_approved_plan_passes_the_gate_and_is_what_the_next_one_compares_with(world: World) -> None:
    world.add_people(range(60))
    world.run(gate=gate_for(world.settings, "contacts"))
    world.sql("delete from activation.sync_hubspot__contacts where net_revenue < 30")
    lost = "rows lost 30 of 60 of the last good run (50%; guard max_shrink 20%)"
    with pytest.raises(HeldError) as held:
        run_sync(world.settings, "contacts", gate=gate_for(world.settings, "contacts"))
    assert held.value.message.count(lost) == 1
    (status,) = sync_status(world.settings, ["contacts"])
    assert status.held_plan is not None
    assert f"kith sync approve {status.held_plan}" in str(held.value)
    approve_plan(world.settings, "contacts", "ana", "the old shop closed")
    world.run(plan_id=status.held_plan, gate=gate_for(world.settings, "contacts"))
    assert len(world.contacts) == 30
    assert world.run(gate=gate_for(world.settings, "contacts")).planned == 0


def test_what_the_gate_alone_holds_is_a_plan_that_can_be_approved(any_world: World) -> None:
    any_world.add_people(range(12))
    any_world.set(3, email=None)
    gate = gate_for(any_world.settings, "contacts")
    plan = plan_sync(any_world.settings, "contacts")
    assert plan.guard == "rows without `email`: 1"
    assert kept_plan(any_world.settings, plan.plan_id).guard == plan.guard
    assert any_world.sql("select * from information_schema.tables where table_name = 'gate_results'") == []
    for plan_id in (None, plan.plan_id):
        with pytest.raises(HeldError, match=r"HELD  contacts  rows without `email`: 1. Nothing was sent"):
            run_sync(any_world.settings, "contacts", gate=gate, plan_id=plan_id)
    assert any_world.contacts == {}
    approve_plan(any_world.settings, plan.plan_id, "ana", "no address is known")
    assert any_world.run(plan_id=plan.plan_id, gate=gate).delivered == 11


def test_plans_that_are_only_looked_at_do_not_move_what_the_gate_compares_with(world: World) -> None:
    world.add_people(range(60))
    gate = gate_for(world.settings, "contacts")
    world.run(gate=gate)
    for last, is_held in ((50, False), (41, True)):
        world.sql(f"delete from activation.sync_hubspot__contacts where person_id >= 'p_{last:05}'")
        world.sql("delete from ops.sync_runs", "delete from ops.sync_records")  # the gate alone remembers
        guard = plan_sync(world.settings, "contacts").guard or ""
        assert ("rows lost 19 of 60 of the last good run" in guard) == is_held


def test_a_null_key_is_refused_whatever_the_gate_says_and_can_not_be_approved(world: World) -> None:
    world.add_people(range(3))
    world.sql("update activation.sync_hubspot__contacts set person_id = null where person_id = 'p_00001'")
    with pytest.raises(HeldError, match="have no `person_id`"):
        run_sync(world.settings, "contacts", gate=gate_for(world.settings, "contacts"))
    (status,) = sync_status(world.settings, ["contacts"])
    assert status.last_run is not None and status.held_plan is None
    assert "Mend the model" in status.last_run["message"]
    with pytest.raises(UsageError, match="There is no plan"):
        approve_plan(world.settings, "contacts", "ana", "never mind")


@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_a_blank_key_is_no_key(any_world: World, blank: str) -> None:
    any_world.add_people(range(3))
    any_world.run()
    any_world.sql("delete from marts.consents where person_id = 'p_00001'")
    any_world.sql(
        f"insert into marts.consents values ('{blank}', 'marketing', 'email', 'email', null, 'granted')"
    )
    any_world.set(1, person_id=blank)
    asked = any_world.sandbox.truth()["requests"]
    with pytest.raises(
        HeldError, match=r"1 of 3 rows of activation\.sync_hubspot__contacts have no `person_id`"
    ):
        any_world.run()
    assert any_world.sandbox.truth()["requests"] == asked


def test_a_mirror_that_is_rightly_empty_is_emptied_by_approval(any_world: World) -> None:
    any_world.write_sync(
        "people", FILE_SYNC + "guards: {min_rows: 0, max_shrink: 0.9, max_delete_share: 0.9}\n"
    )
    any_world.add_people(range(9))
    gate = gate_for(any_world.settings, "people")
    location = any_world.run("people", gate=gate).location
    any_world.sql("delete from activation.sync_hubspot__contacts")
    with pytest.raises(HeldError, match="to remove 9 of 9 delivered"):
        run_sync(any_world.settings, "people", gate=gate)
    approval = approve_plan(any_world.settings, "people", "ana", "nobody left a cart")
    assert any_world.run("people", plan_id=approval.plan_id, gate=gate).removed == 9
    assert location is not None
    assert len(Path(location).read_text().splitlines()) == 1
    assert any_world.run("people", gate=gate).planned == 0


def test_an_empty_model_that_no_guard_holds_empties_the_mirror(any_world: World) -> None:
    any_world.write_sync(
        "contacts", SYNC + "guards: {min_rows: 0, max_shrink: null, max_delete_share: null}\n"
    )
    any_world.add_people(range(12))
    any_world.run()
    any_world.sql("delete from activation.sync_hubspot__contacts")
    assert any_world.run(gate=gate_for(any_world.settings, "contacts")).removed == 12
    assert any_world.contacts == {}


def test_an_empty_model_is_held_by_default_and_goes_by_approval(any_world: World) -> None:
    any_world.add_people(range(12))
    any_world.run()
    any_world.sql("delete from activation.sync_hubspot__contacts")
    assert_held(any_world, "rows 0, guard min_rows 1", "to remove 12 of 12 delivered")
    assert len(any_world.contacts) == 12
    approve(any_world)
    assert any_world.contacts == {}


def test_lost_state_is_held_and_comes_back_from_the_journal(any_world: World) -> None:
    any_world.add_people(range(30))
    any_world.run()
    any_world.set(3, net_revenue=1000)
    any_world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00005'")
    any_world.run()
    before = any_world.sql("select * from ops.sync_records order by record_key")
    any_world.sql("drop schema ops cascade")
    assert_held(any_world, "state lost: 30 records", "kith sync restore contacts")
    (restored,) = restore_sync(any_world.settings, "contacts")
    assert (restored.destination, restored.records) == ("hubspot", 30)
    assert any_world.sql("select * from ops.sync_records order by record_key") == before
    requests = any_world.sandbox.truth()["requests"]
    assert any_world.run().planned == 0
    assert any_world.sandbox.truth()["requests"] == requests
    assert restore_sync(any_world.settings, "contacts")[0].records == 0


def test_state_from_an_old_copy_is_noticed(world: World) -> None:
    world.add_people(range(40))
    world.run()
    world.sql("delete from ops.sync_records where record_key < 'p_00015'")
    assert_held(world, "state lost: 15 records")
    restore_sync(world.settings, "contacts")
    assert world.run().planned == 0


def test_lost_state_may_be_sent_anew_by_approval_and_is_then_forgotten(world: World) -> None:
    world.add_people(range(12))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00001'")
    world.run()
    world.sql("drop schema ops cascade")
    approve(world)
    assert len(world.contacts) == 11
    assert world.run().planned == 0


def test_a_journal_of_an_earlier_version_is_read_on(world: World) -> None:
    world.add_people(range(2))
    assert world.run().delivered == 2
    names = ", ".join(name for name in ACKNOWLEDGED if name != "mark")
    with open_journal(world.settings.home) as journal:
        # As an earlier version left them: a row a record, and fewer columns.
        (run,) = journal._db.execute("select run_id from runs").fetchone()
        journal._db.executescript(
            "drop table batches; alter table runs drop column granted; alter table runs drop column salt;"
            "alter table runs drop column learned;"
            f"create table receipts (sync, destination, operation, acknowledged_at, run_id, {names});"
        )
        for key, digest in world.sql("select record_key, digest from ops.sync_records"):
            row = ["contacts", "hubspot", "upsert", "2026-11-20T09:00:00+00:00", run, key, digest]
            journal._db.execute("insert into receipts values (?, ?, ?, ?, ?, ?, ?, '', '1', null, null)", row)
        journal._db.commit()
    world.sql("delete from ops.sync_records")
    assert_held(world, "state lost: 2 records")
    assert [restored.records for restored in restore_sync(world.settings, "contacts")] == [2]
    assert world.run().planned == 0
    world.sql("alter table ops.sync_runs drop column granted")
    world.set(1, net_revenue=4)
    assert world.run().changed == 1


def test_a_changed_mapping_of_many_is_held_as_an_unusual_full_resend(any_world: World) -> None:
    any_world.add_people(range(25))
    any_world.run()
    any_world.write_sync("contacts", SYNC.replace("  kith_last_order_at: last_order_at\n", ""))
    assert_held(any_world, "unusual full re-send", "25 of 25 delivered (100%; guard max_resend_share 20%)")
    any_world.sql("update ops.sync_records set digest_version = '0'")
    any_world.write_sync("contacts", SYNC)
    assert_held(any_world, "unusual full re-send")
    approve(any_world)
    assert any_world.run().planned == 0


def test_a_file_with_another_column_is_just_written(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    world.add_people(range(25))
    world.run("people")
    world.write_sync("people", FILE_SYNC.replace("  last_order_at: last_order_at\n", ""))
    assert world.run("people").changed == 25


@pytest.mark.parametrize(
    "guard",
    [
        "min_rows: yes",
        "max_shrink: yes",
        "max_delete_share: .nan",
        'max_create_share: "0.2"',
        "share_from: 1.5",
    ],
)
def test_a_guard_that_is_no_number_is_refused(world: World, guard: str) -> None:
    world.write_sync("contacts", SYNC + f"guards:\n  {guard}\n")
    (problem,) = validate_syncs(world.settings, ["contacts"]).problems
    assert (problem.line, guard.partition(":")[0] in problem.message) == (18, True)
