"""What goes wrong at a destination, and what the engine says of it."""

from __future__ import annotations

import pytest

from reverse_etl.api.run import run_sync
from reverse_etl.engine.addresses import PrivateAddress, PublicResolver, is_private
from reverse_etl.errors import ConfigurationError
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from tests.reverse_etl.world import World


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


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.8", "172.16.9.9", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("::1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::"),
        *("localhost", "db.localhost", "printer.local", "metadata.google.internal"),
    ],
)
def test_no_address_inside_passes_for_a_public_one(host: str) -> None:
    assert is_private(host)
    assert not is_private("93.184.215.14")
    assert not is_private("api.hubapi.com")


async def test_a_name_that_resolves_to_a_private_address_is_refused() -> None:
    with pytest.raises(PrivateAddress):
        await PublicResolver().resolve("localhost", 443)


def test_the_sandbox_is_sent_to_whatever_the_account_says(world: World) -> None:
    world.add_people(range(5))
    with Sandbox() as other:
        report = world.run(sandbox=other)
        assert (report.destination, report.delivered) == ("hubspot@sandbox", 5)
        assert other.hubspot.tokens == {"sandbox-token"}
    assert world.sandbox.truth()["requests"] == 0
    assert world.run().new == 5
