"""What goes wrong at a destination, and what the engine says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from reverse_etl.api.run import run_sync
from reverse_etl.engine.http import PrivateAddress, PublicResolver
from reverse_etl.errors import ConfigurationError
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.settings import Settings
from tests.conftest import make_settings
from tests.reverse_etl.world import TOKEN, World


def test_a_storm_loses_nothing_and_tells_the_truth(world: World) -> None:
    world.sandbox.set_faults(
        Faults(too_many=0.1, error=0.1, reset=0.1, html=0.05, unnamed=0.02, fail_values={"Given17"}, seed=3)
    )
    world.write_destinations(max_attempts=12)
    world.add_people(range(500))
    report = world.run()
    assert (report.delivered, report.rejected, report.deferred) == (499, 1, 0)
    assert report.requests_retried > 0
    assert set(world.contacts) == {f"p_{n:05}" for n in range(500)} - {"p_00017"}


def test_a_refused_record_is_named_with_a_reason_and_does_not_hold_the_others(world: World) -> None:
    world.add_people(range(10))
    world.sql(
        "update activation.sync_hubspot__contacts set email = 'no address' where person_id = 'p_00004'",
        "update marts.consents set contact_point = 'no address' where person_id = 'p_00004'",
    )
    report = world.run()
    assert (report.status, report.delivered, report.rejected) == ("rejected", 9, 1)
    assert report.reasons == {"VALIDATION_ERROR INVALID_EMAIL on email": 1}
    rows = world.sql("select record_key, class, reason, attempts from ops.sync_rejects")
    assert rows == [("p_00004", "record", "VALIDATION_ERROR INVALID_EMAIL on email", 1)]


def test_a_refused_record_waits_and_goes_again_when_it_changes(world: World) -> None:
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(fail_values={"Given1"}))
    world.run()
    world.sandbox.set_faults(Faults())
    waiting = world.run()
    assert (waiting.planned, sum(waiting.held.values())) == (0, 1)
    world.set(1, given_name="Mended")
    assert world.run().delivered == 1
    assert world.sql("select count(*) from ops.sync_rejects") == [(0,)]


def test_a_refused_record_goes_again_when_its_time_has_come(world: World) -> None:
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(fail_values={"Given1"}))
    world.run()
    world.sandbox.set_faults(Faults())
    world.sql("update ops.sync_rejects set next_retry_at = timestamp '2026-11-20 08:00:00'")
    assert world.run().delivered == 1
    assert len(world.contacts) == 3


def test_a_batch_refused_whole_is_halved_until_the_culprit_is_alone(world: World) -> None:
    world.add_people(range(100))
    world.sandbox.set_faults(Faults(poison_values={"Given63"}))
    report = world.run()
    assert (report.delivered, report.rejected) == (99, 1)
    assert world.sql("select record_key from ops.sync_rejects") == [("p_00063",)]


def test_answers_that_name_nobody_count_for_nothing(world: World) -> None:
    world.add_people(range(5))
    world.sandbox.set_faults(Faults(unnamed=1.0))
    report = world.run()
    assert (report.delivered, report.rejected) == (0, 5)
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == 5
    assert len(world.contacts) == 5


def test_an_html_page_with_status_200_counts_for_nothing(world: World) -> None:
    world.write_destinations(max_attempts=2)
    world.add_people(range(5))
    world.sandbox.set_faults(Faults(html=1.0))
    report = world.run()
    assert (report.delivered, report.deferred, report.ok) == (0, 5, False)
    assert world.contacts == {}


def test_a_dead_destination_ends_the_run_and_keeps_what_was_delivered(world: World) -> None:
    world.write_destinations(max_attempts=2, concurrency=1)
    world.add_people(range(1000))
    world.sandbox.set_faults(Faults(error=1.0))
    report = world.run()
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, 1000)
    assert world.sandbox.truth()["requests"] <= 3 * 2
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == 1000


def test_a_revoked_token_stops_at_once_and_is_named_not_shown(world: World) -> None:
    world.write_destinations(concurrency=1)
    world.add_people(range(500))
    world.sandbox.set_faults(Faults(revoke_after=4, leak=True))
    report = world.run()
    assert report.status == "stopped"
    assert 0 < report.delivered < 500
    assert world.sandbox.truth()["requests"] == 5
    assert report.error is not None
    assert "env:HUBSPOT_TOKEN" in report.error
    assert TOKEN not in report.error
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == 500 - report.delivered


def test_an_unknown_property_stops_the_run_and_is_named(world: World) -> None:
    world.add_people(range(300))
    text = world.settings.syncs.joinpath("contacts.yml").read_text()
    world.write_sync("contacts", text.replace("  firstname:", "  nickname:"))
    report = world.run()
    assert report.status == "stopped"
    assert report.error is not None
    assert "nickname" in report.error
    assert report.delivered == 0


def test_a_missing_credential_is_named_before_anything_is_planned(world: World) -> None:
    world.add_people(range(3))
    bare = {key: value for key, value in world.settings.environment.items() if key != "HUBSPOT_TOKEN"}
    without = Settings(**{**vars(world.settings), "environment": bare})
    with pytest.raises(ConfigurationError, match="env:HUBSPOT_TOKEN is not set"):
        run_sync(without, "contacts")
    assert not (world.settings.home / "plans").exists()


def test_plain_http_and_private_addresses_are_refused(world: World) -> None:
    world.add_people(range(3))
    world.write_destinations(allow_private="false")
    with pytest.raises(ConfigurationError, match="not https"):
        run_sync(world.settings, "contacts")
    world.write_destinations(allow_private="false", base_url="https://169.254.169.254")
    with pytest.raises(ConfigurationError, match="private"):
        run_sync(world.settings, "contacts")
    assert world.sandbox.truth()["requests"] == 0
    assert world.sql("select status, deferred from ops.sync_runs") == [("stopped", 3), ("stopped", 3)]


async def test_a_name_that_resolves_to_a_private_address_is_refused() -> None:
    with pytest.raises(PrivateAddress):
        await PublicResolver().resolve("localhost", 443)


def test_no_person_and_no_token_is_in_state_logs_or_errors(world: World, capfd: Any) -> None:
    world.add_people(range(50))
    world.sandbox.set_faults(Faults(fail_values={"Given3"}, leak=True, error=0.3, seed=1))
    world.write_destinations(max_attempts=12)
    world.run()
    world.sandbox.set_faults(Faults(revoke_after=0, leak=True))
    world.set(5, given_name="Changed")
    world.run()
    tables = ("sync_runs", "sync_records", "sync_rejects")
    state = repr([world.sql(f"select * from ops.{name}") for name in tables])
    journal = b"".join(p.read_bytes() for p in world.settings.home.glob("journal.db*"))
    said = "".join(capfd.readouterr())
    for place in (state, journal.decode(errors="replace"), said):
        for word in (TOKEN, "person3@", "person5@", "Given3", "Changed"):
            assert word not in place


def test_the_sandbox_is_sent_to_whatever_the_account_says(world: World) -> None:
    world.add_people(range(5))
    with Sandbox() as other:
        report = world.run(sandbox=other)
        assert (report.destination, report.delivered) == ("hubspot@sandbox", 5)
        assert other.hubspot.tokens == {"sandbox-token"}
    assert world.sandbox.truth()["requests"] == 0
    assert world.run().new == 5


CHANGES = strategies.lists(
    strategies.tuples(
        strategies.sampled_from(["value", "email", "leave", "withdraw", "grant"]),
        strategies.integers(0, 11),
    ),
    max_size=4,
)
STORMS = strategies.builds(
    Faults,
    too_many=strategies.sampled_from([0, 0.3]),
    error=strategies.sampled_from([0, 0.3]),
    reset=strategies.sampled_from([0, 0.2]),
    html=strategies.sampled_from([0, 0.2]),
    unnamed=strategies.sampled_from([0, 0.3]),
    seed=strategies.integers(0, 1000),
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    count = iter(range(1000))

    def new(sandbox: Sandbox) -> World:
        folder: Path = tmp_path_factory.mktemp(f"world{next(count)}")
        return World.make(make_settings(folder / "home", "duckdb"), sandbox, folder / "project")

    yield new


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(rounds=strategies.lists(strategies.tuples(CHANGES, STORMS), min_size=1, max_size=3))
def test_after_any_faults_and_changes_the_destination_is_the_model(
    worlds: Any, rounds: list[tuple[list[tuple[str, int]], Faults]]
) -> None:
    with Sandbox() as sandbox:
        world = worlds(sandbox)
        world.write_destinations(max_attempts=2, backoff_seconds=0.001)
        world.add_people(range(12))
        for changes, storm in rounds:
            for number, (what, person) in enumerate(changes):
                _change(world, what, person, number)
            sandbox.set_faults(storm)
            world.run()
        sandbox.set_faults(Faults())
        world.run()
        expected = {
            str(key): (str(email), str(revenue))
            for key, email, revenue in world.sql(
                "select person_id, email, net_revenue from activation.sync_hubspot__contacts "
                "join marts.consents using (person_id) where state = 'granted'"
            )
        }
        assert {k: (c["email"], c["kith_net_revenue"]) for k, c in world.contacts.items()} == expected
        before = sandbox.truth()["requests"]
        assert world.run().planned == 0
        assert sandbox.truth()["requests"] == before


def _change(world: World, what: str, person: int, number: int) -> None:
    key = f"p_{person:05}"
    if what == "value":
        world.set(person, net_revenue=1000 + number)
    elif what == "email":
        world.set(person, email=f"moved{person}.{number}@example.com")
        new = f"moved{person}.{number}@example.com"
        world.sql(f"update marts.consents set contact_point = '{new}' where person_id = '{key}'")
    elif what == "leave" and person:
        world.sql(f"delete from activation.sync_hubspot__contacts where person_id = '{key}'")
    elif what in ("withdraw", "grant"):
        world.decide(person, "denied" if what == "withdraw" else "granted")
