"""While a long run sends, the warehouse hears of it now and then."""

from __future__ import annotations

import asyncio
import time

import pytest

from reverse_etl.engine.meanwhile import repeating
from reverse_etl.errors import WarehouseError
from reverse_etl.state.journal import open_journal
from reverse_etl.state.merge import merge_so_far
from reverse_etl.warehouse import open_warehouse
from tests.reverse_etl.world import World

COUNTS = "select status, planned, delivered, rejected, deferred from ops.sync_runs"
LAST = "select run_id, merged from runs order by rowid desc limit 1"


def test_a_run_under_way_is_told_and_its_end_tells_the_same_as_without(any_world: World) -> None:
    world = any_world
    world.write_destinations(concurrency=1)
    world.add_people(range(350))
    world.run()
    world.sql("update activation.sync_hubspot__contacts set net_revenue = net_revenue + 1")
    seen: list[tuple[tuple[object, ...], int]] = []

    def merge(number: int) -> None:
        with open_journal(world.settings.home) as journal:
            run_id, merged = journal._db.execute(LAST).fetchone()
            if merged or not journal.counts(run_id)[0]:
                return
            merge_so_far(open_warehouse(world.settings), journal, run_id)
        (told,) = world.sql(f"{COUNTS} where run_id = '{run_id}'")
        ((there,),) = world.sql(f"select count(*) from ops.sync_records where run_id = '{run_id}'")
        seen.append((told, there))

    world.sandbox.hubspot.watch = merge
    assert world.run().delivered == 350
    world.sandbox.hubspot.watch = lambda number: None
    assert [told[0] for told, _ in seen] == ["running"] * len(seen)
    assert {there for _, there in seen} >= {100, 200, 300}
    assert all(told[1] == 350 and told[2] == there and told[4] == 350 - there for told, there in seen)
    assert [row[:3] for row in world.sql(COUNTS)] == [("done", 350, 350)] * 2
    with open_journal(world.settings.home) as journal:
        assert journal.receipts.count("contacts", "hubspot") == 350
    assert world.run().planned == 0


def test_it_is_repeated_until_the_end_which_waits_for_the_last_one() -> None:
    began: list[int] = []
    ended: list[int] = []
    put_off: list[WarehouseError] = []
    third = asyncio.Event()
    loop: asyncio.AbstractEventLoop

    def work() -> None:
        began.append(1)
        if len(began) == 1:
            raise WarehouseError("taken")
        if len(began) == 3:
            loop.call_soon_threadsafe(third.set)
        time.sleep(0.05)
        ended.append(1)

    async def send() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        async with repeating(work, 0.02, put_off.append):
            await third.wait()

    asyncio.run(send())
    assert [str(error.message) for error in put_off] == ["taken"]
    assert len(ended) == len(began) - 1


def test_a_defect_in_it_is_not_passed_over() -> None:
    def work() -> None:
        raise ZeroDivisionError

    async def send() -> None:
        async with repeating(work, 0.001, lambda error: None):
            await asyncio.sleep(0.1)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(send())
