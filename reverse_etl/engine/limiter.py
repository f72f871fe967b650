"""Pacing: requests leave evenly, a little slower than a destination allows: its limit is never met."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

SHARE = 0.96
# Seconds of a late start that later requests make up for. It is less than a second at SHARE has to spare, so
# that no second ever holds more than is allowed.
CATCH_UP = 0.02
# Connections are made in the first second, and the requests that make them arrive late, near those behind.
WARM_UP = 1.1


class Limiter:
    """Gives each request its moment; a destination's 429 pushes every later one back.

    Args:
        requests_per_second: what the destination allows.
    """

    def __init__(
        self,
        requests_per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 1 / (requests_per_second * SHARE)
        self._warming = max(1, round(requests_per_second))
        self._clock, self._sleep = clock, sleep
        self._next = 0.0
        self._closed_until = 0.0
        self._line = asyncio.Lock()

    async def wait(self) -> None:
        """Return when the next request may leave. Those who wait leave in order."""
        async with self._line:
            while (delay := max(self._next, self._closed_until) - self._clock()) > 0:
                await self._sleep(delay)
            gap = self._gap * (WARM_UP if self._warming > 0 else 1)
            self._warming -= 1
            # Timers are late by a little each time; that must not add up.
            self._next = max(self._next, self._clock() - CATCH_UP) + gap

    def pause(self, seconds: float) -> None:
        """No request leaves for that long."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)
