"""A run that INT or TERM asks to end: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from kith.cli import main
from reverse_etl.api.run import run_sync
from reverse_etl.api.status import sync_status
from reverse_etl.api.undo import undo_run
from reverse_etl.engine.report import RunReport
from reverse_etl.engine.running import Running
from reverse_etl.engine.stopping import Stop
from reverse_etl.sandbox import Faults
from reverse_etl.sandbox.judge import count_resent
from tests.reverse_etl.world import SYNC, World

PEOPLE = 3_000
SIGNALS = [signal.SIGINT, signal.SIGTERM]
signals = pytest.mark.parametrize("number", SIGNALS, ids=["int", "term"])
RUNS = "select status, planned, delivered, deferred from ops.sync_runs"


def at_request(world: World, number: int, act: Callable[[], object]) -> None:
    """Do it once, when that request of the account has come."""
    done = threading.Event()

    def watch(request: int) -> None:
        if request == number and not done.is_set():
            done.set()
            act()

    world.sandbox.hubspot.watch = watch


class Timed(Stop):
    """Knows how long ago it was asked."""

    def ask(self, number: int | None = None) -> None:
        """As ever."""
        self._at = time.monotonic()
        super().ask(number)

    @property
    def seconds(self) -> float:
        """Since then."""
        return time.monotonic() - self._at


def start(world: World, *words: str) -> subprocess.Popen[str]:
    """`kith sync run contacts` in a process of its own."""
    return subprocess.Popen(
        world.command("sync", "run", "contacts", *words),
        env=world.process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def slow(world: World) -> World:
    """Thirty batches, four under way at a time, each late."""
    world.write_destinations(concurrency=4)
    world.sandbox.set_faults(Faults(latency=0.2))
    world.add_people(range(PEOPLE))
    return world


@signals
def test_the_first_signal_lets_what_is_under_way_be_answered_and_nothing_is_sent_twice(
    slow: World, number: signal.Signals
) -> None:
    process = start(slow)
    at_request(slow, 8, lambda: process.send_signal(number))
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    left_with = slow.sandbox.hubspot.requests
    there = len(slow.contacts)
    assert 0 < there < PEOPLE
    assert left_with <= 20  # of sixty: those under way went to their end, and no other left
    assert f"{there:,} delivered" in out
    assert f"Stopped by {number.name}. {there:,} of 3,000 delivered and kept" in errors
    assert "planned anew by the next run" in errors
    assert slow.sql(RUNS) == [("stopped", PEOPLE, there, PEOPLE - there)]
    slow.sandbox.set_faults(Faults())
    after = slow.run()
    assert (after.planned, after.delivered, after.recovered) == (PEOPLE - there, PEOPLE - there, 0)
    assert count_resent(slow.sandbox.hubspot.applied) == 0
    assert slow.run().planned == 0


@signals
def test_a_second_signal_ends_at_once_and_what_was_answered_is_kept(
    slow: World, number: signal.Signals
) -> None:
    slow.sandbox.set_faults(Faults(hang=1.0))
    process = start(slow)
    came = threading.Event()
    at_request(slow, 4, came.set)
    assert came.wait(120)
    process.send_signal(number)
    time.sleep(0.3)
    assert process.poll() is None
    (under_way,) = sync_status(slow.settings)
    assert under_way.last_run is not None
    assert (under_way.last_run["status"], under_way.last_run["planned"]) == ("running", PEOPLE)
    process.send_signal(number)
    process.communicate(timeout=120)
    (cut_short,) = sync_status(slow.settings)
    assert cut_short.last_run is not None
    assert (cut_short.last_run["status"], cut_short.last_run["deferred"]) == ("interrupted", PEOPLE)
    assert process.returncode == -number  # as a shell says it: 128 + number
    slow.sandbox.set_faults(Faults())
    assert slow.run().delivered == PEOPLE


def test_requests_that_wait_for_their_turn_do_not_leave(world: World) -> None:
    world.write_destinations(requests_per_second=2, concurrency=8)
    world.add_people(range(PEOPLE))
    stop = Timed()
    at_request(world, 3, stop.ask)
    report = world.run(stop=stop)
    assert stop.seconds < 10  # of thirty
    assert world.sandbox.hubspot.requests <= 6
    assert (report.status, report.delivered) == ("stopped", len(world.contacts))
    world.write_destinations()
    world.run()
    assert count_resent(world.sandbox.hubspot.applied) == 0
    assert len(world.contacts) == PEOPLE


def test_a_pause_between_attempts_is_cut_short(world: World) -> None:
    world.write_destinations(backoff_seconds=60)
    world.sandbox.set_faults(Faults(error=1.0))
    world.add_people(range(10))
    stop = Timed()
    at_request(world, 1, lambda: threading.Timer(0.5, stop.ask).start())
    report = world.run(stop=stop)
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, 10)
    assert stop.seconds < 10


def test_those_that_hang_are_waited_for_no_longer_than_the_grace(
    slow: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reverse_etl.engine.in_flight.GRACE", 0.2)
    slow.sandbox.set_faults(Faults(hang=1.0))
    stop = Timed()
    at_request(slow, 4, stop.ask)
    report = slow.run(stop=stop)
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, PEOPLE)
    assert stop.seconds < 4  # an answer's own limit is five
    slow.sandbox.set_faults(Faults())
    assert slow.run().delivered == PEOPLE


def test_a_run_in_a_thread_sets_no_handler_and_is_stopped_by_who_started_it(slow: World) -> None:
    stop, reports = Stop(), []
    before = [signal.getsignal(number) for number in SIGNALS]
    during: list[object] = []

    def act() -> None:
        during.extend(signal.getsignal(number) for number in SIGNALS)
        stop.ask()

    at_request(slow, 8, act)
    thread = threading.Thread(target=lambda: reports.append(run_sync(slow.settings, "contacts", stop=stop)))
    thread.start()
    thread.join(60)
    report: RunReport = reports[0]
    assert during == before
    assert (report.status, report.delivered) == ("stopped", len(slow.contacts))
    assert str(report.error).startswith("Stopped, as it was asked to.")
    assert 0 < report.delivered < PEOPLE


def test_a_run_in_a_thread_that_is_given_no_stop_runs_to_its_end(world: World) -> None:
    world.add_people(range(3))
    reports: list[RunReport] = []
    thread = threading.Thread(target=lambda: reports.append(run_sync(world.settings, "contacts")))
    thread.start()
    thread.join(60)
    assert [report.delivered for report in reports] == [3]


def test_a_library_s_run_is_closed_and_then_whoever_heard_signals_before_hears_it(slow: World) -> None:
    heard: list[int] = []
    former = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    ours = signal.getsignal(signal.SIGTERM)
    try:
        at_request(slow, 8, lambda: os.kill(os.getpid(), signal.SIGTERM))
        report = slow.run()
        assert signal.getsignal(signal.SIGTERM) == ours
        at_request(slow, slow.sandbox.hubspot.requests + 6, lambda: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            slow.run()
    finally:
        signal.signal(signal.SIGTERM, former)
    assert (report.status, heard) == ("stopped", [signal.SIGTERM])
    slow.sandbox.set_faults(Faults())
    slow.run()
    assert sorted(status for status, *_ in slow.sql(RUNS)) == ["done", "stopped", "stopped"]
    assert count_resent(slow.sandbox.hubspot.applied) == 0


def test_an_undo_is_stopped_and_the_rest_can_be_undone(slow: World) -> None:
    guards = "undo_days: 7\nguards: {max_create_share: null}\n"
    slow.write_sync("contacts", SYNC + guards)
    slow.sandbox.set_faults(Faults())
    run = slow.run()
    slow.sandbox.set_faults(Faults(latency=0.2))
    stop = Stop()
    at_request(slow, slow.sandbox.hubspot.requests + 6, stop.ask)
    report = undo_run(slow.settings, run.run_id, stop=stop)
    assert (report.status, 0 < report.delivered < PEOPLE) == ("stopped", True)
    assert len(slow.contacts) == PEOPLE - report.delivered
    slow.sandbox.set_faults(Faults())
    assert undo_run(slow.settings, run.run_id).delivered == PEOPLE - report.delivered
    assert slow.contacts == {}


def test_an_interrupt_before_anything_is_sent_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)
    world.add_people(range(3))

    def interrupted(running: Running) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("reverse_etl.engine.run.recover", interrupted)
    with pytest.raises(SystemExit) as left:
        main(["sync", "run", "contacts", "--json"])
    said = capsys.readouterr()
    assert left.value.code == 128 + signal.SIGINT
    assert "contacts: Stopped by SIGINT. Nothing of it was sent." in said.err
    assert json.loads(said.out)[0]["status"] == "stopped"
    assert world.sandbox.hubspot.requests == 0


def test_after_a_signal_no_further_sync_is_begun(slow: World) -> None:
    slow.write_sync("further", SYNC)
    process = subprocess.Popen(
        slow.command("sync", "run", "contacts", "further", "--json"),
        env=slow.process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    at_request(slow, 8, lambda: process.send_signal(signal.SIGINT))
    out, errors = process.communicate(timeout=120)
    first, second = json.loads(out)
    assert (process.returncode, first["status"], second["status"]) == (130, "stopped", "stopped")
    assert (second["sync"], second["plan_id"]) == ("further", None)
    assert "further: Stopped by SIGINT. Nothing of it was sent." in errors
