"""How many batches are under way at once: the rate times the latency, so that slow answers cost no speed.

A destination that takes 10 requests a second and answers after 2 seconds is used up by 20 under way (Little's
law), and by no fewer. The kind's own number is where it starts and the least; an account's own is kept to.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from reverse_etl.destinations.base import Limits
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import StopAsked

# Of a kind's batches that are under way, where its account does not say how many may be.
MOST = 64
# Answers are not all equally late; and how much one of them counts among those before it.
ROOM, WEIGHT = 1.25, 0.1
# Beside those under way, one of so many may be answered and wait for the journal. They are what a kill may
# have sent again, beyond what was under way.
ONE_OF = 4
GRACE = 30.0  # seconds that batches under way are waited for after a stop

Result = TypeVar("Result")


@dataclass
class _Batch:
    answered: bool = False  # one of its requests was


_batch: ContextVar[_Batch | None] = ContextVar("batch", default=None)


class InFlight:
    """Lets batches leave, one loop waiting at a time.

    Args:
        limits: of the account.

    Attributes:
        size: batches that may be under way.
        closed: why nothing more leaves; None while batches do.
    """

    def __init__(self, limits: Limits) -> None:
        self.size = self._least = limits.concurrency
        self._most = most_in_flight(limits)
        self._latency: float | None = None
        self._under_way = 0
        self._free = asyncio.Event()
        self.closed: StopAsked | None = None
        self._waiting: set[asyncio.Task[object]] = set()

    async def enter(self) -> None:
        """Return when one more may leave, or none ever will."""
        while self._under_way >= slots(self.size) and self.closed is None:
            self._free.clear()
            await self._free.wait()
        self._under_way += 1

    def begin(self) -> None:
        """The task that calls, and those that it makes, carry one batch."""
        _batch.set(_Batch())

    async def wait(self, waiting: Coroutine[Any, Any, Result]) -> Result:
        """Let a request wait for its turn, until nothing more leaves.

        A batch that was answered in part goes to its end: what is half told would be sent again.

        Raises:
            StopAsked: nothing more leaves, and the batch was not answered yet.
        """
        task, batch = asyncio.current_task(), _batch.get()
        if task is None or batch is None or batch.answered:
            return await waiting
        if self.closed is not None:
            waiting.close()
            raise self.closed
        self._waiting.add(task)
        try:
            return await waiting
        except asyncio.CancelledError:
            self._tell_closed(task)
            raise
        finally:
            self._waiting.discard(task)

    def _tell_closed(self, task: asyncio.Task[object]) -> None:
        # A task that others cancelled too is theirs.
        if self.closed is not None and not task.uncancel():
            raise self.closed from None

    def close(self, why: StopAsked) -> None:
        """Nothing more leaves; what is on its way is answered."""
        self.closed = why
        for task in self._waiting:
            task.cancel()
        self._free.set()

    def leave(self) -> None:
        """One is answered, and kept."""
        self._under_way -= 1
        self._free.set()

    def answered(self, seconds: float, rate: float) -> None:
        """How late an answer was, and the requests a second that may leave."""
        if batch := _batch.get():
            batch.answered = True
        before = seconds if self._latency is None else self._latency
        self._latency = before + WEIGHT * (seconds - before)
        asked = math.ceil(rate * self._latency * ROOM) if math.isfinite(rate) else self._most
        self.size = min(self._most, max(self._least, asked))
        self._free.set()


async def unless_stopped(work: Coroutine[Any, Any, Result], in_flight: InFlight, stop: Stop) -> Result | None:
    """What the work returns; None when it was not done within GRACE after the stop."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)

    def close() -> None:
        in_flight.close(stop.error())
        loop.call_later(GRACE, task.cancel)

    def tell() -> None:
        with suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(close)

    with stop.told(tell):
        try:
            return await task
        except asyncio.CancelledError:
            if in_flight.closed is None:
                raise
            return None


def most_in_flight(limits: Limits) -> int:
    """What the account says, or MOST."""
    return limits.concurrency if limits.concurrency_is_stated else max(limits.concurrency, MOST)


def slots(concurrency: int) -> int:
    """Batches that may be sent and not yet be in the journal."""
    return concurrency + concurrency // ONE_OF
