"""While a long run sends: what is acknowledged goes into the warehouse now and then, in short transactions.

The warehouse is held by nobody between two of them. One that finds it taken is put off to the next, and the
run's end tells all once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from reverse_etl.engine.running import Running
from reverse_etl.errors import WarehouseError
from reverse_etl.state.journal import open_journal
from reverse_etl.state.merge import merge_so_far

EVERY = 300.0  # seconds

Work = Callable[[], None]


@asynccontextmanager
async def merging(running: Running) -> AsyncIterator[None]:
    """For the block."""

    def put_off(error: WarehouseError) -> None:
        running.log.write("merge put off", run=running.run_id, reason=error.message)

    async with repeating(partial(_merge, running), EVERY, put_off):
        yield


@asynccontextmanager
async def repeating(
    work: Work, seconds: float, put_off: Callable[[WarehouseError], None]
) -> AsyncIterator[None]:
    """Do the work in a thread, every so many seconds of the block; the last one is waited for."""
    over = asyncio.Event()

    async def repeat() -> None:
        while True:
            try:
                await asyncio.wait_for(over.wait(), seconds)
            except TimeoutError:
                try:
                    await asyncio.to_thread(work)
                except WarehouseError as error:
                    put_off(error)
            else:
                return

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        over.set()
        await task


def _merge(running: Running) -> None:
    # A connection of its own: the run's is being written to.
    with open_journal(running.settings.home) as journal:
        merge_so_far(running.warehouse, journal, running.run_id)
