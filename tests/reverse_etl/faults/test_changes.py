"""Faults 3, 4, 19, 20: what is unchanged stays, what changed goes, as it is, and the last value wins."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from reverse_etl.api.plan import plan_sync
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.world import FAULTY_SYNC, FaultWorld


@pytest.mark.fault(3)
def test_an_unchanged_second_run_makes_no_request(make_world: Made) -> None:
    world = make_world(people=1_000)
    assert world.run().delivered == 1_000
    world.assert_silent()
    # Nor does one of the same rows in another order, built anew.
    world.sql(
        "create table activation.rebuilt as "
        "select * from activation.sync_hubspot__contacts order by net_revenue desc",
        "drop table activation.sync_hubspot__contacts",
        "alter table activation.rebuilt rename to sync_hubspot__contacts",
    )
    world.assert_silent()
    assert world.judge().resent == 0


@pytest.mark.fault(4)
def test_of_a_thousand_the_ten_that_changed_are_sent_late_timestamps_too(make_world: Made) -> None:
    world = make_world(people=1_000)
    world.run()
    sent = len(world.sandbox.hubspot.applied)
    for person in range(0, 1_000, 100):
        # A cursor would miss these: their last order lies before all that were sent.
        world.set(person, net_revenue=5_000 + person, last_order_at=datetime(2020, 2, 29, 12))
    report = world.run()
    assert (report.changed, report.delivered) == (10, 10)
    applied = world.sandbox.hubspot.applied[sent:]
    assert sorted(str(change.key) for change in applied) == [f"p_{n:05}" for n in range(0, 1_000, 100)]
    world.judge()
    assert world.contacts["p_00100"]["kith_last_order_at"] == "2020-02-29T12:00:00.000000Z"
    world.assert_silent()


ODD = {
    "emoji": "🦊 Ñandú 👩‍👩‍👧",
    "quotes": """O'Brien "the" \\ `one`""",
    "lines": "first\nsecond\r\n\tthird \u2028 \u0001",
    "formula": '=cmd|"/c calc"!A1',
    "json": '{"inputs": [{"id": "1"}]}',
    "markup": "</script><!-- ${jndi:ldap://x} %s {0} -- ; drop table x",
    "megabyte": "Ж" * 500_000,
    "spaces": "  both ends  ",
}


@pytest.mark.fault(19)
def test_values_arrive_equal(any_canaries: FaultWorld) -> None:
    world = any_canaries
    fields = "  kith_ratio: ratio\n  kith_whole: whole\n  kith_exact: exact\n"
    world.write_sync("contacts", FAULTY_SYNC.replace("on_removed", fields + "on_removed"))
    for name, kind in (("ratio", "double precision"), ("whole", "bigint"), ("exact", "decimal(38, 10)")):
        world.sql(f"alter table activation.sync_hubspot__contacts add column {name} {kind}")
    names = list(ODD)
    for number, name in enumerate(names):
        text = ODD[name].replace("'", "''")
        world.sql(
            "insert into activation.sync_hubspot__contacts values "
            f"('p_{number:05}', 'canary{number}@canary.example', '{text}', 9007199254740993.21, null, null, "
            "'NaN', 9007199254740993, 12345678901234567890.0123456789)",
            f"insert into marts.consents values ('p_{number:05}', 'marketing', 'email', 'email', "
            f"'canary{number}@canary.example', 'granted')",
        )
    for number, ratio in enumerate(["0.1", "1", "-Infinity", "Infinity", "1e20"]):
        world.set(number, ratio=ratio)
    assert world.run().delivered == len(ODD)
    for number, name in enumerate(names):
        contact = world.contacts[f"p_{number:05}"]
        assert contact["firstname"] == ODD[name], name
        assert "phone" not in contact
        assert contact["kith_net_revenue"] == "9007199254740993.21"
        assert contact["kith_whole"] == "9007199254740993"
        assert contact["kith_exact"] == "12345678901234567890.0123456789"
    ratios = [world.contacts[f"p_{number:05}"]["kith_ratio"] for number in range(6)]
    assert ratios == ["0.1", "1", "-Infinity", "Infinity", "1e+20", "NaN"]
    world.judge()
    world.assert_silent()


@pytest.mark.fault(20)
def test_a_row_that_changes_while_its_first_change_is_retried_ends_with_the_last(make_world: Made) -> None:
    world = make_world(people=50, backoff_seconds=0.2)
    world.run()
    world.set(7, net_revenue=1_001)
    world.suffer(script=["error", "reset", "too_many"], after=0.0)
    tried, changed = threading.Event(), threading.Event()

    def watch(number: int) -> None:
        tried.set()
        changed.wait(60)

    world.sandbox.hubspot.watch = watch
    running = threading.Thread(target=world.run)
    running.start()
    assert tried.wait(60)
    world.set(7, net_revenue=1_002)
    changed.set()
    running.join(60)
    world.sandbox.hubspot.watch = lambda number: None
    assert world.contacts["p_00007"]["kith_net_revenue"] == "1001.00"
    assert world.run().delivered == 1
    world.judge()
    assert world.contacts["p_00007"]["kith_net_revenue"] == "1002.00"
    world.assert_silent()


@pytest.mark.fault(20)
def test_a_row_that_changes_after_its_change_was_refused_or_lost_ends_with_the_last(make_world: Made) -> None:
    world = make_world(people=50, max_attempts=1)
    world.run()
    world.set(7, net_revenue=1_001)
    world.set(8, net_revenue=1_001)
    # Carried out, and the answer lost: nothing is known of either.
    world.suffer(script=["reset"], after=1.0)
    assert world.run().deferred == 2
    world.set(7, net_revenue=1_002)
    world.suffer(fail_values={"1002.00"})
    assert world.run().rejected == 1
    world.set(7, net_revenue=1_003)
    plan = plan_sync(world.settings, "contacts")
    assert plan.changed == 1
    assert world.run().delivered == 1
    world.judge(most_resent=2)
    assert world.contacts["p_00007"]["kith_net_revenue"] == "1003.00"
    world.assert_silent()
