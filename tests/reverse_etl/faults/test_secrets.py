"""Faults 9, 17, 18, 21: credentials, and ways on which they or people's data could get out."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reverse_etl.engine.report import RunReport
from reverse_etl.engine.waits import asked_wait
from reverse_etl.sandbox import Sandbox
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.world import FaultWorld
from tests.reverse_etl.world import TOKEN


@pytest.mark.fault(9)
def test_a_token_revoked_midway_stops_the_run_at_once_and_is_named_not_shown(make_world: Made) -> None:
    world = make_world(people=500, concurrency=1)
    world.suffer(revoke_after=4, leak=True)
    report = world.run()
    assert report.status == "stopped"
    assert 0 < report.delivered < 500
    assert world.sandbox.hubspot.requests == 5
    assert report.error is not None
    assert "env:HUBSPOT_TOKEN" in report.error
    assert TOKEN not in report.error
    world.judge(settled=False)
    world.suffer()
    assert world.run().delivered == 500 - report.delivered
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(9)
def test_with_many_under_way_a_revoked_token_is_asked_of_none_that_had_not_left(make_world: Made) -> None:
    world = make_world(people=3_000, concurrency=4)
    world.suffer(revoke_after=6)
    assert world.run().status == "stopped"
    assert world.sandbox.hubspot.requests <= 6 + 4
    world.judge(settled=False)


@pytest.mark.fault(17)
def test_answers_that_echo_tokens_and_rows_leave_no_trace(make_world: Made) -> None:
    world = make_world(people=200, max_attempts=12)
    world.suffer(
        leak=True, error=0.2, too_many=0.1, fail_values={"Canaria3"}, poison_values={"Canaria99"}, seed=4
    )
    report = world.run()
    assert report.rejected == 2
    world.judge(most_resent=100 * report.requests_retried)
    world.suffer(leak=True, revoke_after=0)
    world.set(5, given_name="Canaria5000")
    assert world.run().status == "stopped"
    # What was said is searched when the test ends: see conftest.


@pytest.mark.fault(18)
def test_a_redirect_to_another_host_is_not_followed_and_the_token_never_arrives_there(
    make_world: Made,
) -> None:
    world = make_world(people=3)
    with Sandbox() as other:
        there = other.base_url.replace("127.0.0.1", "localhost")
        world.suffer(redirect_to=f"{there}/crm/v3/objects/contacts/batch/upsert")
        report = world.run()
        assert (report.status, report.delivered) == ("stopped", 0)
        assert report.error is not None
        assert "redirect" in report.error
        assert other.hubspot.requests == 0
        assert other.hubspot.tokens == set()
    world.judge(settled=False)
    world.suffer()
    world.run()
    world.judge()


@pytest.mark.fault(21)
def test_a_name_that_cannot_be_resolved_is_retried_and_then_told_by_its_class(make_world: Made) -> None:
    world = make_world(people=3, max_attempts=2)
    world.write_destinations(base_url="http://kith.invalid", max_attempts=2)
    report = world.run()
    assert (report.status, report.delivered, report.deferred) == ("interrupted", 0, 3)
    assert report.requests_retried == 2
    assert_told(world, report, "its name cannot be resolved")
    assert_made_good(world)


@pytest.mark.fault(21)
def test_a_certificate_that_nobody_signed_is_not_talked_to(make_world: Made, tmp_path: Path) -> None:
    world = make_world(people=3)
    with untrusted_server(tmp_path) as (address, heard):
        world.write_destinations(base_url=address, max_attempts=2)
        report = world.run()
        assert heard == []
    assert (report.status, report.delivered, report.deferred) == ("interrupted", 0, 3)
    assert report.requests_retried == 2
    assert_told(world, report, "its certificate is not trusted, or TLS failed")
    assert_made_good(world)


@pytest.mark.fault(21)
@pytest.mark.parametrize("hours", [-30 * 24, 30 * 24], ids=["back", "ahead"])
def test_a_clock_that_jumps_between_runs_sends_nothing_twice_and_forgets_nothing(
    make_world: Made, hours: int
) -> None:
    world = make_world(people=40)
    world.suffer(fail_values={"Canaria3"})
    world.run()
    world.suffer()
    world.set(4, net_revenue=70)
    world.tick(hours * 3600)
    report = world.run()
    # A refused record's next try has come, or has not, by the clock that there is.
    assert report.delivered == (2 if hours > 0 else 1)
    world.tick(-hours * 3600)
    world.set(4, net_revenue=71)
    assert world.run().delivered == 1
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(21)
@pytest.mark.parametrize("hours", [-30 * 24, 30 * 24], ids=["back", "ahead"])
def test_a_clock_that_jumps_within_a_run_is_of_no_account(
    make_world: Made, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    world = make_world(people=1_000, concurrency=2)
    wall, watch = time.time, time.monotonic

    def jump(number: int) -> None:
        if number == 6:
            # From here on the machine's clock is another; that the destination's is too changes nothing.
            monkeypatch.setattr(time, "time", lambda: wall() + hours * 3600)

    world.sandbox.hubspot.watch = jump
    world.suffer(script=[None] * 7 + ["too_many"], retry_after=2, as_date=True)
    started = watch()
    report = world.run()
    took = watch() - started
    assert (report.status, report.delivered) == ("done", 1_000)
    assert 1 <= took < 60
    ((first, last),) = world.sql("select min(acknowledged_at), max(acknowledged_at) from ops.sync_records")
    now = world.settings.now.replace(tzinfo=None)
    assert now <= first <= last <= now + timedelta(seconds=took)
    world.set(4, net_revenue=70)
    assert world.run().delivered == 1
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(21)
def test_a_date_to_wait_for_counts_from_the_answers_own_whatever_this_clock_says() -> None:
    headers = {"Date": "Sun, 01 Jan 2040 00:00:00 GMT", "Retry-After": "Sun, 01 Jan 2040 00:00:07 GMT"}
    assert asked_wait(headers) == 7


def assert_told(world: FaultWorld, report: RunReport, failure: str) -> None:
    """The failure's class, in the report and for each try in the log."""
    assert report.error is not None
    assert report.error.startswith(f"hubspot: {failure}, 2 times. 0 of 3 delivered")
    lines = (world.settings.home / "logs" / "sync.jsonl").read_text().splitlines()
    events = [line for line in map(json.loads, lines) if line["event"] == "retry"]
    assert [event["reason"] for event in events] == [failure] * 2


def assert_made_good(world: FaultWorld) -> None:
    """With the account's own address again, all is sent."""
    world.judge(settled=False)
    world.write_destinations()
    assert world.run().delivered == 3
    world.judge()
    world.assert_silent()


@contextmanager
def untrusted_server(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """HTTPS with a certificate of its own making; what was asked of it."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers.get("Authorization", ""))

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate and its key, made anew: neither is kept anywhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path
