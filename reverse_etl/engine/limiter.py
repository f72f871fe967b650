"""Pacing: requests leave evenly, at 0.95 of what the destination allows, so that its limit is never met."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

SHARE = 0.95


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
        self._clock, self._sleep = clock, sleep
        self._next = 0.0
        self._closed_until = 0.0
        self._line = asyncio.Lock()

    async def wait(self) -> None:
        """Return when the next request may leave. Those who wait leave in order."""
        async with self._line:
            while (delay := max(self._next, self._closed_until) - self._clock()) > 0:
                await self._sleep(delay)
            self._next = self._clock() + self._gap

    def pause(self, seconds: float) -> None:
        """No request leaves for that long."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)
