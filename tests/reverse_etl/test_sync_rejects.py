"""What was refused: tried once more on request, gone when nothing of it is to be written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.rejects import sync_rejects
from reverse_etl.api.retry import retry_sync
from reverse_etl.api.status import sync_status
from reverse_etl.errors import HeldError
from reverse_etl.planner.verdicts import WAITS
from reverse_etl.sandbox import Faults
from reverse_etl.state.merge import MAX_ATTEMPTS
from tests.reverse_etl.test_sync_lists import kith
from tests.reverse_etl.world import SYNC, World


def park(world: World, tries: int = 1) -> None:
    """Three people, one of whom is parked: after all its tries, or after one as if after all."""
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(fail_values={"Given2"}))
    for _ in range(tries):
        assert world.run().rejected == 1
        world.settings = replace(world.settings, now=world.settings.now + timedelta(days=1))
    if tries == 1:
        world.sql(f"update ops.sync_rejects set attempts = {MAX_ATTEMPTS}, next_retry_at = null")
    (reject,) = sync_rejects(world.settings)
    assert (reject.attempts, reject.next_retry_at) == (MAX_ATTEMPTS, None)


def test_a_parked_reject_is_sent_by_a_retry_and_by_nothing_else(any_world: World) -> None:
    park(any_world)
    any_world.sandbox.set_faults(Faults())
    assert any_world.run().held == {WAITS: 1}
    done = retry_sync(any_world.settings, "contacts")
    assert done.run is not None
    assert (done.rejects, done.run.delivered, done.ok) == (1, 1, True)
    assert any_world.contacts["p_00002"]["firstname"] == "Given2"
    assert sync_rejects(any_world.settings) == []
    any_world.assert_counts_add_up()


def test_what_a_retry_is_refused_again_is_parked_again(world: World) -> None:
    park(world, MAX_ATTEMPTS)
    done = retry_sync(world.settings, "contacts")
    assert done.run is not None
    assert (done.run.rejected, done.ok) == (1, False)
    (reject,) = sync_rejects(world.settings)
    assert (reject.attempts, reject.next_retry_at) == (MAX_ATTEMPTS + 1, None)


def test_without_rejects_a_retry_makes_no_request(world: World) -> None:
    world.add_people(range(3))
    done = retry_sync(world.settings, "contacts")
    assert (done.rejects, done.run, done.ok) == (0, None, True)
    assert world.sandbox.truth()["requests"] == 0


def test_the_rejects_of_a_retry_that_was_held_are_due_at_the_next_run(world: World) -> None:
    park(world)
    world.sandbox.set_faults(Faults())

    def gate() -> None:
        raise HeldError("HELD  the gate says no.")

    told: list[int] = []
    with pytest.raises(HeldError):
        retry_sync(world.settings, "contacts", gate=gate, on_released=told.append)
    assert told == [1]
    assert world.run().delivered == 1


def test_the_command_says_how_many_are_due_and_what_became_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    park(world)
    now = {"KITH_NOW": f"{world.settings.now:%Y-%m-%dT%H:%M:%SZ}"}
    world.settings = replace(world.settings, environment={**world.settings.environment, **now})
    assert kith(world, monkeypatch, "sync", "retry", "contacts") == 1
    said = capfd.readouterr()
    assert "contacts: 1 reject is due now" in said.err
    assert "0 delivered · 1 rejected" in said.out
    world.sandbox.set_faults(Faults())
    assert kith(world, monkeypatch, "sync", "retry", "contacts", "--json") == 0
    (done,) = json.loads(capfd.readouterr().out)
    assert (done["rejects"], done["run"]["delivered"]) == (1, 1)
    assert kith(world, monkeypatch, "sync", "retry") == 0
    assert "nothing is rejected" in capfd.readouterr().out
    assert "p_00002" in world.contacts


def test_a_sandbox_s_rejects_are_retried_there(world: World) -> None:
    park(world)
    assert retry_sync(world.settings, "contacts", sandbox=True).destination == "hubspot@sandbox"
    (reject,) = sync_rejects(world.settings)
    assert reject.next_retry_at is None


@pytest.mark.parametrize("left", ["the model", "by consent"])
def test_a_reject_goes_when_its_person_is_not_written_any_more(any_world: World, left: str) -> None:
    park(any_world)
    if left == "the model":
        any_world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00002'")
    else:
        any_world.decide(2, "denied")
    assert any_world.run().rejected == 0
    assert sync_rejects(any_world.settings) == []
    (status,) = sync_status(any_world.settings)
    assert status.rejects == {}
    assert set(any_world.contacts) == {"p_00000", "p_00001"}


def test_a_refused_change_that_is_taken_back_is_no_reject_any_more(any_world: World) -> None:
    any_world.add_people(range(3))
    any_world.run()
    any_world.sandbox.set_faults(Faults(fail_values={"Bad"}))
    any_world.set(2, given_name="Bad")
    assert any_world.run().rejected == 1
    any_world.set(2, given_name="Given2")
    assert any_world.run().planned == 0
    assert sync_rejects(any_world.settings) == []


def test_a_held_plan_forgets_no_reject(world: World) -> None:
    world.add_people(range(10, 50))
    park(world)
    world.sql("delete from activation.sync_hubspot__contacts where person_id < 'p_00030'")
    assert plan_sync(world.settings, "contacts").guard
    assert len(sync_rejects(world.settings)) == 1


def test_a_removal_that_was_refused_stays_a_reject_until_it_is_done(world: World) -> None:
    clears = SYNC.replace("archive", "clear") + "guards: {max_delete_share: null, max_shrink: null}\n"
    world.write_sync("contacts", clears)
    world.add_people(range(3))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00002'")
    world.sandbox.set_faults(Faults(fail_values={""}))
    assert world.run().rejected == 1
    plan_sync(world.settings, "contacts")
    (reject,) = sync_rejects(world.settings)
    assert reject.operation == "clear"
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == 1
    assert sync_rejects(world.settings) == []


@pytest.mark.parametrize(
    ("code", "class_"),
    [
        ("PROPERTY_DOESNT_EXIST", "configuration"),
        ("MISSING_SCOPES", "configuration"),
        ("FORBIDDEN", "permanent"),
    ],
)
def test_what_no_change_of_the_row_mends_is_classed_and_parked_at_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any, code: str, class_: str
) -> None:
    any_world.add_people(range(3))
    any_world.sandbox.set_faults(Faults(fail_values={"Given2"}, fail_code=code, leak=True))
    assert any_world.run().rejected == 1
    (reject,) = sync_rejects(any_world.settings)
    assert (reject.class_, reject.reason, reject.next_retry_at) == (class_, code, None)
    any_world.settings = replace(any_world.settings, now=any_world.settings.now + timedelta(days=9))
    assert any_world.run().held == {WAITS: 1}
    assert kith(any_world, monkeypatch, "sync", "status") == 0
    assert f"1 reject waits (1 {class_}), parked" in capfd.readouterr().out
    any_world.sandbox.set_faults(Faults())
    done = retry_sync(any_world.settings, "contacts")
    assert done.run is not None
    assert (done.run.delivered, sync_rejects(any_world.settings)) == (1, [])


def test_a_token_that_is_revoked_rejects_nobody_and_is_told_as_configuration(
    any_world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    any_world.add_people(range(3))
    any_world.sandbox.set_faults(Faults(revoke_after=0))
    report = any_world.run()
    assert (report.status, report.failure, report.deferred) == ("stopped", "configuration", 3)
    assert any_world.sql("select failure from ops.sync_runs") == [("configuration",)]
    assert kith(any_world, monkeypatch, "sync", "rejects") == 0
    said = capfd.readouterr().out
    assert "nothing is rejected" in said
    assert "configuration stopped the run, 3 deferred  hubspot: 401 for the token" in said
    assert kith(any_world, monkeypatch, "sync", "status") == 0
    assert "configuration: hubspot: 401" in capfd.readouterr().out
    any_world.sandbox.set_faults(Faults())
    assert any_world.run().delivered == 3
    assert kith(any_world, monkeypatch, "sync", "rejects") == 0
    assert capfd.readouterr().out == "nothing is rejected\n"


def test_a_reason_repeats_no_value_that_looks_like_a_code(world: World) -> None:
    world.add_people(range(3))
    world.set(2, given_name="INVALID_CANARY", email="no address")
    world.sql("update marts.consents set contact_point = 'no address' where person_id = 'p_00002'")
    world.sandbox.set_faults(Faults(leak=True))
    assert world.run().reasons == {"VALIDATION_ERROR INVALID_EMAIL on email": 1}
    world.sandbox.set_faults(Faults(poison_values={"INVALID_CANARY"}, leak=True))
    world.set(2, net_revenue=9)
    (reason,) = world.run().reasons
    assert reason.startswith("INVALID_INPUT")
    assert "CANARY" not in reason
