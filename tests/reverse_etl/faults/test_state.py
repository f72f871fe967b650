"""Fault 16: state that is lost or damaged, and a disk that is full, never end in a silent full re-send."""

from __future__ import annotations

import os
import resource
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from reverse_etl.api.restore import restore_sync
from reverse_etl.errors import HeldError, WarehouseError
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.world import FaultWorld

REFUSED = 3


@pytest.fixture
def delivered(make_world: Made) -> FaultWorld:
    """Forty people are there; one has changed since."""
    world = make_world(people=40)
    world.run()
    world.set(3, net_revenue=1_000)
    return world


def assert_whole(world: FaultWorld) -> None:
    """What had changed goes, and nothing else."""
    assert world.run().planned == 1
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(16)
@pytest.mark.parametrize("lost", ["drop schema ops cascade", "delete from ops.sync_records"])
def test_lost_tables_hold_the_sync_until_the_journal_brings_them_back(
    delivered: FaultWorld, lost: str
) -> None:
    delivered.sql(lost)
    held = delivered.refused(HeldError, "state lost: 40 records")
    assert "kith sync restore contacts" in str(held)
    (restored,) = restore_sync(delivered.settings, "contacts")
    assert restored.records == 40
    sent = len(delivered.sandbox.hubspot.applied)
    assert delivered.run().planned == 1
    assert len(delivered.sandbox.hubspot.applied) == sent + 1
    delivered.assert_silent()


@pytest.mark.fault(16)
@pytest.mark.parametrize("name", ["journal.db", "warehouse.duckdb"])
def test_a_damaged_file_refuses_the_sync(delivered: FaultWorld, name: str, tmp_path: Path) -> None:
    path = delivered.settings.home / name
    kept = shutil.copy(path, tmp_path / name)
    path.write_bytes(os.urandom(len(path.read_bytes())))
    delivered.refused(WarehouseError, path.name)
    shutil.copy(kept, path)
    assert_whole(delivered)


@pytest.mark.fault(16)
def test_a_journal_that_is_gone_leaves_the_state_in_the_warehouse(delivered: FaultWorld) -> None:
    for path in delivered.settings.home.glob("journal.db*"):
        path.unlink()
    assert_whole(delivered)


@pytest.mark.fault(16)
@pytest.mark.parametrize("room", [0, 20_000])
def test_a_full_disk_refuses_before_the_first_request(delivered: FaultWorld, room: int) -> None:
    before = delivered.sandbox.hubspot.requests

    def work() -> None:
        fill_disk(os.getpid(), room)
        delivered.run()

    assert in_a_process(work)() == REFUSED
    assert delivered.sandbox.hubspot.requests == before
    assert_whole(delivered)


@pytest.mark.fault(16)
def test_a_disk_that_fills_while_sending_stops_the_run_and_nothing_is_lost(make_world: Made) -> None:
    world = make_world(people=600, concurrency=1)
    start = threading.Event()
    go: list[int] = []

    def fill(number: int) -> None:
        start.wait(60)
        if number == 4:
            fill_disk(go[0], 0)

    world.sandbox.hubspot.watch = fill
    ended = in_a_process(world.run, go)
    start.set()
    assert ended() == REFUSED
    world.tick()  # The child's clock moved on, and this one's is the same still: runs are told apart by it.
    world.sandbox.hubspot.watch = lambda number: None
    world.run()
    assert world.judge(most_resent=100).resent > 0
    world.assert_silent()


def fill_disk(process: int, room: int) -> None:
    """From now on the process's files can hold that many bytes."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


def in_a_process(work: Callable[[], object], started: list[int] | None = None) -> Callable[[], int]:
    """Do it in a process of its own; how it ended is what the returned function waits for."""
    child = os.fork()
    if child == 0:
        code = REFUSED
        try:
            work()
            code = 0
        except WarehouseError:
            pass
        except BaseException:
            code = 4
        os._exit(code)
    if started is not None:
        started.append(child)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
