"""A real `kith sync run`, killed with SIGKILL, and run again: nothing lost, few sent twice, then silence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reverse_etl.api.gate import gate_for
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.errors import HeldError
from reverse_etl.sandbox import Faults
from reverse_etl.settings import Settings
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from tests.reverse_etl.world import World

PEOPLE = 3_000
IN_FLIGHT = 4 * 100


@pytest.fixture
def slow_world(world: World) -> World:
    """Each request takes a while, four at a time; the gate has passed these very numbers before."""
    world.write_destinations(concurrency=4)
    world.add_people(range(PEOPLE))
    world.sandbox.set_faults(Faults(latency=0.05))
    gate_for(world.settings, "contacts")()
    return world


def start(world: World, *arguments: str) -> subprocess.Popen[bytes]:
    """`kith sync run contacts` in a process of its own."""
    return subprocess.Popen(
        world.command("sync", "run", "contacts", *arguments),
        env=world.process_environment(),
        cwd=world.settings.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Poll, and fail when the process ends first."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def assert_whole_and_silent(world: World, most_twice: int) -> None:
    """After one more run everyone is there; few were sent twice; a third run sends nothing."""
    world.sandbox.set_faults(Faults())
    report = world.run()
    assert report.status == "done"
    assert set(world.contacts) == {f"p_{n:05}" for n in range(PEOPLE)}
    assert len(world.sandbox.truth()["received"]) - PEOPLE <= most_twice
    requests = world.sandbox.truth()["requests"]
    assert world.run().planned == 0
    assert world.sandbox.truth()["requests"] == requests
    assert world.sql("select count(*) from ops.sync_records where status = 'delivered'") == [(PEOPLE,)]


@pytest.mark.build
@pytest.mark.parametrize("received", [0, 700, 2_500])
def test_a_run_killed_while_sending_loses_nothing(slow_world: World, received: int) -> None:
    process = start(slow_world)
    hubspot = slow_world.sandbox.hubspot
    wait_until(lambda: hubspot.requests > 0 and len(hubspot.received) >= received, process)
    kill(process)
    assert_whole_and_silent(slow_world, IN_FLIGHT)
    statuses = slow_world.sql("select status from ops.sync_runs order by started_at, run_id")
    assert ("interrupted",) in statuses


@pytest.mark.build
def test_a_run_killed_before_its_merge_sends_nothing_again(slow_world: World, tmp_path: Path) -> None:
    slow_world.sandbox.set_faults(Faults(latency=0.2))
    process = start(slow_world)
    hubspot = slow_world.sandbox.hubspot
    # Another process takes the warehouse as soon as sending has begun: the merge has to wait for it.
    wait_until(lambda: hubspot.requests > 0, process)
    holder = hold_warehouse(slow_world.settings)
    try:
        wait_until(lambda: journaled(slow_world.settings) == PEOPLE, process)
        kill(process)
    finally:
        holder.kill()
        holder.wait()
    sent = len(hubspot.received)
    report = slow_world.run()
    assert (report.recovered, report.planned) == (PEOPLE, 0)
    assert len(hubspot.received) == sent == PEOPLE
    assert_whole_and_silent(slow_world, 0)


@pytest.mark.build
def test_a_plan_whose_run_was_killed_is_resumed_where_it_was(slow_world: World) -> None:
    plan = plan_sync(slow_world.settings, "contacts")
    process = start(slow_world, "--plan", plan.plan_id)
    hubspot = slow_world.sandbox.hubspot
    wait_until(lambda: len(hubspot.received) >= 700, process)
    kill(process)
    slow_world.decide(PEOPLE - 1, "denied")
    slow_world.sandbox.set_faults(Faults())
    report = slow_world.run(plan_id=plan.plan_id)
    assert 0 < report.planned < PEOPLE
    assert (report.withheld, report.deferred) == (1, 1)
    assert len(slow_world.contacts) == PEOPLE - 1
    assert len(hubspot.received) - (PEOPLE - 1) <= IN_FLIGHT


@pytest.mark.build
def test_of_two_runs_at_once_the_second_refuses(slow_world: World) -> None:
    process = start(slow_world)
    wait_until(lambda: slow_world.sandbox.hubspot.requests > 0, process)
    with pytest.raises(HeldError, match="being run by another process"):
        run_sync(slow_world.settings, "contacts")
    assert process.wait(60) == 0
    assert len(slow_world.sandbox.truth()["received"]) == PEOPLE


def test_a_lease_is_free_again_when_its_owner_dies(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with sync_lease(tmp_path, "contacts", "hubspot"):
            (tmp_path / "held").touch()
            time.sleep(60)
        os._exit(0)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    with pytest.raises(HeldError, match=str(child)), sync_lease(tmp_path, "contacts", "hubspot"):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with sync_lease(tmp_path, "contacts", "hubspot"):
        pass


def journaled(settings: Settings) -> int:
    """Acknowledgements in the journal."""
    with open_journal(settings.home) as journal:
        rows = journal._db.execute("select count(*) from acks").fetchone()
    return int(rows[0])


def hold_warehouse(settings: Settings) -> subprocess.Popen[bytes]:
    """A process that holds the DuckDB file until it is killed; returns once it does."""
    path = settings.home / "warehouse.duckdb"
    code = (
        f"import duckdb, time; c = duckdb.connect({str(path)!r}); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process
