"""Faults 2 and 15: real processes, killed with SIGKILL, and two at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.errors import HeldError
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from tests.conftest import LONG
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.killable import PARTS, Commands, Moment
from tests.reverse_etl.faults.world import FAULTY_SYNC, FaultWorld
from tests.reverse_etl.test_sync_merges import merge

PEOPLE = 500
CONCURRENCY = 2
IN_FLIGHT = CONCURRENCY * 100
ROUNDS = 60 if LONG else len(PARTS)
RUN = ("sync", "run", "contacts")


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    """`kith` in processes of their own."""
    with Commands() as running:
        yield running


@pytest.fixture
def world(make_world: Made) -> FaultWorld:
    """Two requests at a time."""
    return make_world(people=PEOPLE, concurrency=CONCURRENCY)


def log(world: FaultWorld) -> Path:
    """Where commands speak: it is searched at the end too."""
    return world.settings.home / "spoken.log"


@pytest.mark.fault(2)
@pytest.mark.build
def test_a_run_killed_at_any_moment_loses_nothing_and_then_there_is_silence(
    world: FaultWorld, commands: Commands
) -> None:
    whole = commands.run(RUN, world.settings.environment, log(world))
    assert whole.code == 0
    assert all(whole.calls[part] > 10 for part in PARTS)
    rng = random.Random(20261124)
    order = [part for _ in range(ROUNDS) for part in PARTS][:ROUNDS]
    for kills, part in enumerate(order, start=1):
        world.sql("update activation.sync_hubspot__contacts set net_revenue = net_revenue + 1")
        world.tick()
        moment = Moment(part, rng.randint(1, whole.calls[part]))
        ended = commands.run(RUN, world.settings.environment, log(world), until=moment)
        assert ended.code in (-signal.SIGKILL, 0), moment
        world.run()
        world.judge(most_resent=kills * IN_FLIGHT)
        world.assert_silent()


@pytest.mark.fault(2)
@pytest.mark.build
@pytest.mark.parametrize("request_number", [1, 4, 9] if LONG else [4])
def test_a_run_killed_when_a_request_has_come_or_was_carried_out_sends_few_again(
    world: FaultWorld, commands: Commands, request_number: int
) -> None:
    hubspot, killed = world.sandbox.hubspot, threading.Event()
    process = commands.start(RUN, world.settings.environment, log(world))

    def kill(number: int) -> None:
        if number == request_number and not killed.is_set():
            killed.set()
            os.kill(process, signal.SIGKILL)

    hubspot.watch = kill
    assert commands.wait().code == -signal.SIGKILL
    hubspot.watch = lambda number: None
    world.run()
    world.judge(most_resent=IN_FLIGHT)
    world.assert_silent()
    assert ("interrupted",) in world.sql("select status from ops.sync_runs")


@pytest.mark.fault(2)
@pytest.mark.build
def test_a_run_killed_after_it_merged_two_contacts_and_before_it_noted_that_merges_them_once(
    world: FaultWorld, commands: Commands
) -> None:
    text = FAULTY_SYNC.replace("on_removed:", "on_merge: merge\non_removed:")
    world.write_sync("contacts", text)
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.run()
    merge(world, 1, 3)
    merge(world, 2, 3)
    # Of this run the first request reads both contacts, the second and third merge; each is told twice.
    told: list[int] = []
    last = world.sandbox.hubspot.requests + 3
    world.tick()
    process = commands.start(RUN, world.settings.environment, log(world))

    def kill(number: int) -> None:
        told.append(number)
        if told.count(last) == 2:
            os.kill(process, signal.SIGKILL)

    world.sandbox.hubspot.watch = kill
    assert commands.wait().code == -signal.SIGKILL
    world.sandbox.hubspot.watch = lambda number: None
    assert world.run().delivered == 3
    contacts = world.sandbox.hubspot.contacts.by_id.values()
    assert sum(contact.merged_into is not None for contact in contacts) == 4
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(2)
@pytest.mark.build
def test_a_run_killed_before_its_merge_sends_nothing_again(world: FaultWorld, commands: Commands) -> None:
    hubspot, sending = world.sandbox.hubspot, threading.Event()
    hubspot.watch = lambda number: sending.set()
    world.suffer(latency=0.1)
    process = commands.start(RUN, world.settings.environment, log(world))
    assert sending.wait(60)
    # Another process takes the warehouse as soon as sending has begun: the merge has to wait for it.
    holder = hold_warehouse(world.settings.home / "warehouse.duckdb")
    try:
        deadline = time.monotonic() + 60
        while journaled(world.settings.home) < PEOPLE:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)
        assert commands.wait().code == -signal.SIGKILL
    finally:
        holder.kill()
        holder.wait()
    report = world.run()
    assert (report.recovered, report.planned) == (PEOPLE, 0)
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(2)
def test_a_kill_between_the_warehouses_commit_and_the_journals_mark_is_no_loss(make_world: Made) -> None:
    world = make_world(people=40)
    world.run()
    world.sql("update activation.sync_hubspot__contacts set net_revenue = net_revenue + 1")
    run = world.run().run_id
    with open_journal(world.settings.home) as journal:
        # What such a kill leaves: ops holds the run, and the journal does not know.
        journal._db.execute(
            "update runs set merged = 0, learned = 0, salt = null, status = 'running' where run_id = ?", [run]
        )
        journal._db.commit()
    world.assert_silent()
    with open_journal(world.settings.home) as journal:
        assert journal.receipts.count("contacts", "hubspot") == 40
    assert world.judge().resent == 0


@pytest.mark.fault(13)
@pytest.mark.build
def test_a_plan_whose_run_was_killed_is_resumed_without_those_who_withdrew(
    world: FaultWorld, commands: Commands
) -> None:
    plan = plan_sync(world.settings, "contacts")
    arguments = (*RUN, "--plan", plan.plan_id)
    world.tick()
    process = commands.start(arguments, world.settings.environment, log(world))
    world.sandbox.hubspot.watch = lambda number: os.kill(process, signal.SIGKILL) if number == 5 else None
    assert commands.wait().code == -signal.SIGKILL
    world.sandbox.hubspot.watch = lambda number: None
    world.decide(PEOPLE - 1, "denied")
    report = world.run(plan_id=plan.plan_id)
    assert 0 < report.planned < PEOPLE
    assert (report.withheld, report.deferred) == (1, 1)
    assert world.run().planned == 0
    world.judge(most_resent=IN_FLIGHT)


@pytest.mark.fault(15)
@pytest.mark.build
def test_of_two_runs_at_once_the_second_refuses(world: FaultWorld, commands: Commands) -> None:
    sending, go_on = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        sending.set()
        go_on.wait(60)

    world.sandbox.hubspot.watch = hold
    process = commands.start(RUN, world.settings.environment, log(world))
    assert sending.wait(60)
    world.refused(HeldError, f"being run by another process .{process}.")
    go_on.set()
    assert commands.wait().code == 0
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(15)
@pytest.mark.build
def test_the_lock_of_a_run_that_died_is_free(world: FaultWorld, commands: Commands) -> None:
    ended = commands.run(RUN, world.settings.environment, log(world), until=Moment("send", 1))
    assert ended.code == -signal.SIGKILL
    assert list((world.settings.home / "locks").iterdir())
    assert world.run().delivered == PEOPLE
    world.judge(most_resent=IN_FLIGHT)
    world.assert_silent()


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


def journaled(home: Path) -> int:
    """Acknowledgements in the journal."""
    with open_journal(home) as journal:
        rows = journal._db.execute("select coalesce(sum(records), 0) from batches").fetchone()
    return int(rows[0])


def hold_warehouse(path: Path) -> subprocess.Popen[bytes]:
    """A process that holds the DuckDB file until it is killed; returns once it does."""
    code = (
        f"import duckdb, time; c = duckdb.connect({str(path)!r}); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process
