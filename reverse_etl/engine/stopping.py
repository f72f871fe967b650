"""A run that is asked to end: no further batch leaves, those under way are waited for, all is kept.

By whoever gave the run a `Stop`; without one, by INT and TERM while the run sends in the main thread. The
signal then goes to whoever would have had it, after the run is closed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from reverse_etl.errors import StopAsked

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Asks runs to end; from a signal's handler or another thread, too.

    Attributes:
        asked: True from then on.
        signal: the number of the signal that asked; None for a call.
        signals: True when INT and TERM ask it too, while a run sends in the main thread, and go no further.
    """

    def __init__(self, *, signals: bool = False) -> None:
        # Plain values: a lock that a handler waits for may be held by the very thread that it interrupted.
        self.asked = False
        self.signal: int | None = None
        self.signals = signals
        self._calls: list[Callable[[], None]] = []

    def ask(self, number: int | None = None) -> None:
        """End what runs."""
        self.asked, self.signal = True, number
        for call in tuple(self._calls):
            call()

    def error(self) -> StopAsked:
        """Why the run ended."""
        return StopAsked(_words(self.signal))

    @contextmanager
    def told(self, call: Callable[[], None]) -> Iterator[None]:
        """The call is made when the stop is asked for within the block, or was before."""
        self._calls.append(call)
        try:
            if self.asked:
                call()
            yield
        finally:
            self._calls.remove(call)


def was_asked_for(message: str) -> bool:
    """True of what is kept of a run that a person or a signal ended."""
    return message.startswith(tuple(_words(number) for number in (None, *SIGNALS)))


def _words(number: int | None) -> str:
    return f"Stopped by {signal.Signals(number).name}." if number else "Stopped, as it was asked to."


@contextmanager
def sending(given: Stop | None) -> Iterator[Stop]:
    """The stop of the run that sends in the block: the one given, or one of its own that signals ask."""
    stop = given or Stop(signals=True)
    if not stop.signals or threading.current_thread() is not threading.main_thread():
        yield stop
        return
    with _signals(stop, own=given is None):
        yield stop


@contextmanager
def _signals(stop: Stop, *, own: bool) -> Iterator[None]:
    # What is ignored stays so, and what is not Python's to give back is left.
    found = {number: signal.getsignal(number) for number in SIGNALS}
    former = {number: was for number, was in found.items() if was not in (None, signal.SIG_IGN)}

    def heed(number: int, frame: FrameType | None) -> None:
        # The next one ends at once, whatever Python is doing then.
        for name, was in former.items():
            signal.signal(name, was if own else signal.SIG_DFL)
        stop.ask(number)

    for number in former:
        signal.signal(number, heed)
    try:
        yield
    finally:
        for number, was in former.items():
            signal.signal(number, was)
    if own and stop.signal:
        signal.raise_signal(stop.signal)
