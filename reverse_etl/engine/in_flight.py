"""How many batches are under way at once: the rate times the latency, so that slow answers cost no speed.

A destination that takes 10 requests a second and answers after 2 seconds is used up by 20 under way (Little's
law), and by no fewer. The kind's own number is where it starts and the least; an account's own is kept to.
"""

from __future__ import annotations

import asyncio
import math

from reverse_etl.destinations.base import Limits

# Of a kind's batches that are under way, where its account does not say how many may be.
MOST = 64
# Answers are not all equally late; and how much one of them counts among those before it.
ROOM, WEIGHT = 1.25, 0.1
# Beside those under way, one of so many may be answered and wait for the journal. They are what a kill may
# have sent again, beyond what was under way.
ONE_OF = 4


class InFlight:
    """Lets batches leave, one loop waiting at a time.

    Args:
        limits: of the account.

    Attributes:
        size: batches that may be under way.
    """

    def __init__(self, limits: Limits) -> None:
        self.size = self._least = limits.concurrency
        self._most = most_in_flight(limits)
        self._latency: float | None = None
        self._under_way = 0
        self._free = asyncio.Event()

    async def enter(self) -> None:
        """Return when one more may leave."""
        while self._under_way >= slots(self.size):
            self._free.clear()
            await self._free.wait()
        self._under_way += 1

    def leave(self) -> None:
        """One is answered, and kept."""
        self._under_way -= 1
        self._free.set()

    def answered(self, seconds: float, rate: float) -> None:
        """How late an answer was, and the requests a second that may leave."""
        before = seconds if self._latency is None else self._latency
        self._latency = before + WEIGHT * (seconds - before)
        asked = math.ceil(rate * self._latency * ROOM) if math.isfinite(rate) else self._most
        self.size = min(self._most, max(self._least, asked))
        self._free.set()


def most_in_flight(limits: Limits) -> int:
    """What the account says, or MOST."""
    return limits.concurrency if limits.concurrency_is_stated else max(limits.concurrency, MOST)


def slots(concurrency: int) -> int:
    """Batches that may be sent and not yet be in the journal."""
    return concurrency + concurrency // ONE_OF
