"""The circuit breaker: a destination that fails again and again is left alone, then asked once.

closed      requests leave.
open        after FAILURES in a row: none does until the pause is over.
half open   one does, the probe. When it is answered, all may; when it fails, the pause begins anew, twice
            as long. After PROBES of them the destination is given up, and the run ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from reverse_etl.engine.waits import LONGEST_PAUSE
from reverse_etl.errors import LaterError

FAILURES = 10
PROBES = 3
FIRST_PAUSE = 10  # times the first pause before a retry

Tell = Callable[[str, float], None]


class Breaker:
    """One run's breaker. A 429 is no failure: whoever answers it is there.

    Args:
        owner: the destination's name, for messages.
        pause: seconds of the first pause.
        tell: called with `opened`, `half open` or `closed`, and the seconds of the pause.
    """

    def __init__(
        self,
        owner: str,
        pause: float,
        tell: Tell,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._owner, self._tell, self._sleep = owner, tell, sleep
        self._first = self._pause = pause
        self._failures = self._probes = 0
        self._open = self._probing = False
        self._heard = asyncio.Event()

    async def enter(self) -> bool:
        """Return when a request may leave; True when it is the probe.

        Raises:
            LaterError: the destination was given up.
        """
        while self._open:
            if self._probes >= PROBES:
                raise self._given_up()
            if not self._probing:
                return await self._probe()
            await self._heard.wait()
        return False

    async def _probe(self) -> bool:
        self._probing = True
        self._heard.clear()
        try:
            await self._sleep(self._pause)
        except BaseException:
            self._end_probe()
            raise
        self._tell("half open", 0.0)
        return True

    def answered(self, probe: bool) -> None:
        """A request was answered, whatever the answer says."""
        if self._open and not probe:
            return  # it had left before
        self._failures = self._probes = 0
        self._pause = self._first
        if self._open:
            self._open = False
            self._tell("closed", 0.0)
        self._end_probe()

    def failed(self, probe: bool) -> None:
        """A request was not answered, or by an error of the destination's own."""
        if probe:
            self._probes += 1
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            if self._probes < PROBES:
                self._tell("opened", self._pause)
            self._end_probe()
        elif not self._open:
            self._failures += 1
            if self._failures >= FAILURES:
                self._open = True
                self._tell("opened", self._pause)

    def _end_probe(self) -> None:
        self._probing = False
        self._heard.set()

    def _given_up(self) -> LaterError:
        return LaterError(
            f"{self._owner}: {self._failures} requests in a row failed, and {PROBES} more that were tried "
            "after a pause each. Sending stopped.",
            "Run again when it answers: what is left is planned anew.",
        )
