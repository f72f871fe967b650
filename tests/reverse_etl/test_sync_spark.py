"""A sync on Spark, from the first delivery to silence. Its faults are in `faults/test_on_spark.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reverse_etl.api.approve import approve_plan
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.rejects import sync_rejects
from reverse_etl.api.retry import retry_sync
from reverse_etl.api.run import run_sync
from reverse_etl.errors import HeldError
from reverse_etl.planner.verdicts import UNSURE, WAITS
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.reverse_etl.test_sync_confidence import EXACT, say
from tests.reverse_etl.test_sync_drift import drift
from tests.reverse_etl.test_sync_edited import edit
from tests.reverse_etl.test_sync_ops import assert_dbt_makes_the_engine_s_tables
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

pytestmark = pytest.mark.build


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path) -> Iterator[World]:
    """On the laptop's own Spark."""
    settings = make_settings(tmp_path / "home", "spark")
    yield World.make(settings, sandbox, tmp_path / "project")
    server.leave(settings.home / "spark")


def test_the_views_over_runs_are_there_before_the_first_and_tell_of_it(world: World) -> None:
    assert_dbt_makes_the_engine_s_tables(world)
    world.add_people(range(3))
    world.run()
    assert world.sql("select delivered from ops.sync_daily") == [(3,)]


def test_what_is_new_changed_and_withdrawn_goes_and_then_nothing(world: World) -> None:
    world.add_people(range(200))
    world.add_people(range(200, 210), consent=None)
    plan = plan_sync(world.settings, "contacts")
    assert (plan.new, plan.held) == (200, {"no consent": 10})
    assert world.run(plan_id=plan.plan_id).delivered == 200
    asked = world.sandbox.truth()["requests"]
    assert world.run().planned == 0
    assert world.sandbox.truth()["requests"] == asked

    world.set(3, given_name='O\'Brien "the" \\ 🦊', net_revenue=None)
    world.decide(4, "denied")
    report = world.run()
    assert (report.changed, report.removed, report.delivered) == (1, 1, 2)
    contact = world.contacts["p_00003"]
    assert contact["firstname"] == 'O\'Brien "the" \\ 🦊'
    assert "kith_net_revenue" not in contact
    assert contact["kith_last_order_at"] == "2026-11-01T10:00:00.000000Z"
    assert world.contacts["p_00005"]["kith_net_revenue"] == "5.50"
    assert "p_00004" not in world.contacts
    assert world.run().planned == 0
    assert world.sql("select count(*) from ops.sync_records") == [(200,)]


def test_what_was_edited_there_is_told(world: World) -> None:
    world.add_people(range(6))
    world.set(2, email="Person2@Example.com")
    world.run()
    edit(world, 1, email="another@example.com", firstname="Annie")
    found = drift(world)
    assert (found.equal, found.fields) == (5, {"email": 1, "firstname": 1})
    assert drift(world, sample=4).read == drift(world, limit=4).read == 4


def test_who_is_not_as_sure_as_the_sync_asks_is_held(world: World) -> None:
    world.write_sync("contacts", EXACT)
    world.add_people(range(4))
    say(world, p_00000="exact", p_00001="strict", p_00002="exact")
    report = world.run()
    assert (report.delivered, report.held) == (2, {UNSURE: 2})


def test_a_reject_is_tried_once_more_on_request_and_goes_with_its_person(world: World) -> None:
    world.add_people(range(4))
    world.sandbox.set_faults(Faults(fail_values={"Given2", "Given3"}, fail_code="FORBIDDEN"))
    assert world.run().rejected == 2
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00003'")
    world.sandbox.set_faults(Faults())
    assert world.run().held == {WAITS: 1}
    assert [reject.record_key for reject in sync_rejects(world.settings)] == ["p_00002"]
    done = retry_sync(world.settings, "contacts")
    assert done.run is not None
    assert (done.rejects, done.run.delivered) == (1, 1)
    assert sync_rejects(world.settings) == []
    assert set(world.contacts) == {"p_00000", "p_00001", "p_00002"}


def test_a_file_gets_the_same_people(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    world.add_people(range(3))
    assert world.run("people").delivered == 3
    assert world.run("people").planned == 0


def test_a_blank_key_is_refused_and_an_empty_mirror_waits_for_a_yes(world: World) -> None:
    world.write_sync("people", FILE_SYNC + "guards: {min_rows: 0}\n")
    world.add_people(range(3))
    world.run("people")
    world.set(1, person_id=" \t")
    with pytest.raises(HeldError, match="1 of 3 rows"):
        run_sync(world.settings, "people")
    world.sql("delete from activation.sync_hubspot__contacts")
    with pytest.raises(HeldError, match="to remove 3 of 3 delivered"):
        run_sync(world.settings, "people")
    approval = approve_plan(world.settings, "people", "ana", "nobody is left")
    assert world.run("people", plan_id=approval.plan_id).removed == 3


def test_a_holdout_and_a_withdrawal_of_an_upsert(world: World) -> None:
    world.write_sync("contacts", SYNC.replace("mode: mirror", "mode: upsert"))
    world.add_people(range(5))
    world.run()
    world.decide(1, "withdrawn")
    world.decide(2, "withdrawn")
    world.sql(
        "create table activation.armed as "
        "select *, case when person_id = 'p_00003' then 'holdout' end as arm "
        "from activation.sync_hubspot__contacts where person_id <> 'p_00002'"
    )
    text = SYNC.replace("mode: mirror", "mode: upsert").replace(
        "model: sync_hubspot__contacts", "model: armed"
    )
    world.write_sync("contacts", text)
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed_reasons, plan.held) == ({"no consent": 2}, {"holdout": 1})
    world.run(plan_id=plan.plan_id)
    assert set(world.contacts) == {"p_00000", "p_00003", "p_00004"}
