"""One line of progress on a terminal, none where stderr is a file."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from reverse_etl.engine.stopping import Stop

OVER = 10.0  # seconds that the rate looks back over
SHOW_CURSOR = b"\x1b[?25h"
AGAIN = 0.5  # seconds before the figures change again


@contextmanager
def watching(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A function that is called with a name, its number and how many there are."""
    if not console.is_terminal:
        yield lambda name, number, total: None
        return
    with console.status("build") as status:
        yield lambda name, number, total: status.update(f"build   {number} of {total}  {name}")


@contextmanager
def watching_sync(console: Console, name: str, stop: Stop) -> Iterator[Callable[[int, int], None]]:
    """A function that is called with the records answered and planned of a sync."""
    if not console.is_terminal:
        yield lambda sent, planned: None
        return
    line = SyncLine(name, stop)
    # The spinner hides the cursor, and a second signal leaves no time to show it.
    with console.status(line), stop.told(partial(_show_cursor, console)):
        yield line.tell


def _show_cursor(console: Console) -> None:
    # A handler of a signal calls this: it may have come while the console was writing.
    os.write(console.file.fileno(), SHOW_CURSOR)


class SyncLine:
    """How far a sync is, how fast, and how long it takes still. Drawn anew by whoever shows it.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, name: str, stop: Stop, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._stop, self._clock = name, stop, clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._said = ""

    def tell(self, sent: int, planned: int) -> None:
        """So many of so many were answered."""
        now = self._clock()
        if sent < planned and self._said and now - self._seen[-1][0] < AGAIN:
            return
        self._seen.append((now, sent))
        while len(self._seen) > 2 and now - self._seen[1][0] >= OVER:
            self._seen.popleft()
        (start, before), parts = self._seen[0], [f"{sent:,} of {planned:,}"]
        if now > start and sent > before:
            rate = (sent - before) / (now - start)
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
            parts += [f"{spoken((planned - sent) / rate)} left"] if sent < planned else []
        self._said = "  " + " · ".join(parts)

    def __rich__(self) -> str:
        """The line as it is now."""
        asked = " · stopping, once what is under way is answered; again ends it at once"
        return f"sync    {self._name}{self._said}{asked if self._stop.asked else ''}"


def spoken(seconds: float) -> str:
    """A time as a person says it: 5 s, 3 min, 2 h 10 min."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
