"""What a destination's answers tell of its limit, in headers of several habits.

RateLimit-Policy, RateLimit                     "burst";q=100;w=10 and "burst";r=7;t=3
RateLimit-Limit, -Remaining, -Reset             the drafts before: 100;w=10, 7, 3
X-RateLimit-Limit, -Remaining, -Reset           the reset in seconds, or as a time since 1970
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reverse_etl.engine.waits import LONGEST_WAIT

EPOCH = 1e8  # a reset greater than that is a time, and no number of seconds
# When less than this share of the limit's rate is left for the rest of the window, somebody else asks too.
SPARE = 0.5


@dataclass(frozen=True)
class Told:
    """What an answer told.

    Attributes:
        rate: requests a second that are allowed from now on; None when it does not say.
        pause: seconds until any is; None when some are allowed.
    """

    rate: float | None = None
    pause: float | None = None


@dataclass(frozen=True)
class RateHeaders:
    """The headers in which a destination tells its limit. Those of a window in milliseconds name its length.

    Attributes:
        limit: requests a window.
        remaining: those left in this one.
        reset: until its end: seconds, or a time since 1970.
        window_ms: the window's length, in milliseconds.
        window: its length in seconds, where no header says it.
    """

    limit: str
    remaining: str
    reset: str | None = None
    window_ms: str | None = None
    window: float | None = None


STANDARD = (
    RateHeaders("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    RateHeaders("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
)
NOTHING = Told()


def read_rates(
    headers: Mapping[str, str],
    declared: RateHeaders | None = None,
    now: Callable[[], float] = time.time,
) -> Told:
    """What the headers tell; those that a kind declares, or else the usual ones."""
    if declared is None and "RateLimit-Policy" in headers and "RateLimit" in headers:
        limit, window = (
            _parameter(headers["RateLimit-Policy"], "q"),
            _parameter(headers["RateLimit-Policy"], "w"),
        )
        return _told(
            limit, window, _parameter(headers["RateLimit"], "r"), _parameter(headers["RateLimit"], "t")
        )
    for names in (declared,) if declared else STANDARD:
        if names.remaining in headers or names.limit in headers:
            return _of(headers, names, now)
    return NOTHING


def _of(headers: Mapping[str, str], names: RateHeaders, now: Callable[[], float]) -> Told:
    policy = headers.get("RateLimit-Policy") or headers.get(names.limit, "")
    window = names.window or _parameter(policy, "w")
    if names.window_ms:
        milliseconds = _number(headers.get(names.window_ms))
        window = milliseconds / 1000 if milliseconds else window
    reset = _number(headers.get(names.reset)) if names.reset else None
    if reset is not None and reset > EPOCH:
        reset = max(0.0, reset - now())
    return _told(_number(headers.get(names.limit)), window, _number(headers.get(names.remaining)), reset)


def _told(limit: float | None, window: float | None, left: float | None, reset: float | None) -> Told:
    rate = limit / window if limit and window else None
    if left == 0:
        # Where no end is told the window rolls, and the next request is free as soon as the pace has it.
        return Told(rate, min(reset, LONGEST_WAIT) if reset else None)
    if rate and left and reset and left / reset < SPARE * rate:
        rate = left / reset
    return Told(rate)


def _parameter(text: str, name: str) -> float | None:
    found = re.search(rf";\s*{name}=(\d+(?:\.\d+)?)", text)
    return float(found[1]) if found else None


def _number(text: str | None) -> float | None:
    """The number that a header starts with."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)", text or "")
    number = float(found[1]) if found else None
    return number if number is not None and math.isfinite(number) else None
