"""Pacing: requests leave evenly, a little slower than a destination allows: its limit is never met.

The pace is one for all who send to the account. The rate is the declared one, or what the destination's
answers tell; a 429 takes a part of it away, which comes back by and by.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from reverse_etl.engine.pace import Pace, PaceFile
from reverse_etl.engine.rates import Told

SHARE = 0.96
# Seconds of a late start that later requests make up for. It is less than a second at SHARE has to spare, so
# that no second ever holds more than is allowed.
CATCH_UP = 0.02
# Connections are made in the first second, and the requests that make them arrive late, near those behind.
WARM_UP = 1.1
# What a 429 leaves of the rate, at most once a second; the least that is left; what comes back in a second.
AFTER_429, LEAST, RECOVERY = 0.75, 0.1, 0.05


class Limiter:
    """Gives each request its moment; a destination's 429 pushes every later one back.

    Args:
        requests_per_second: what the destination allows.
        pace: shared by every sender to the account.
        stated: True when the rate is the account's own word, which answers may lower and never raise.

    Attributes:
        rate: requests a second that leave now.
    """

    def __init__(
        self,
        requests_per_second: float,
        pace: PaceFile,
        *,
        stated: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate, self._pace, self._stated = requests_per_second, pace, stated
        self._warming = max(1, round(requests_per_second))
        self._clock, self._sleep = clock, sleep
        self._told = 0.0
        self.rate = requests_per_second
        self._line = asyncio.Lock()

    async def wait(self) -> None:
        """Return when the next request may leave. Those of this process leave in order."""
        async with self._line:
            while (delay := self._take()) > 0:
                await self._sleep(delay)

    def pause(self, seconds: float) -> None:
        """No request leaves for that long, whoever sends it."""
        now = self._clock()
        with self._pace.held(now) as pace:
            pace.closed_until = max(pace.closed_until, now + seconds)

    def slow_down(self, seconds: float) -> None:
        """After a 429: none leaves for that long, and fewer do for a while."""
        now = self._clock()
        with self._pace.held(now) as pace:
            pace.closed_until = max(pace.closed_until, now + seconds)
            # Those under way when it came are answered 429 too, and say nothing new.
            if now - pace.slowed_at >= 1 or pace.share == 1:
                pace.share, pace.slowed_at = max(LEAST, _share(pace, now) * AFTER_429), now

    def heed(self, told: Told) -> None:
        """What an answer said of the limit."""
        if told.rate and told.rate != self._told:
            self._told = told.rate
            with self._pace.held(self._clock()) as pace:
                pace.told = told.rate
        if told.pause:
            self.pause(told.pause)

    def _take(self) -> float:
        """Take the next moment, and return 0; or the seconds until it has come."""
        now = self._clock()
        with self._pace.held(now) as pace:
            delay = max(pace.next, pace.closed_until) - now
            if delay > 0:
                return delay
            self.rate = self._allowed(pace) * _share(pace, now) * SHARE
            gap = (WARM_UP if self._warming > 0 else 1) / self.rate
            self._warming -= 1
            # Timers are late by a little each time; that must not add up.
            pace.next = max(pace.next, now - CATCH_UP) + gap
        return 0.0

    def _allowed(self, pace: Pace) -> float:
        if not pace.told:
            return self._rate
        return min(self._rate, pace.told) if self._stated else pace.told


def _share(pace: Pace, now: float) -> float:
    """What may be used of the rate by now."""
    return min(1.0, pace.share + RECOVERY * max(0.0, now - pace.slowed_at))
