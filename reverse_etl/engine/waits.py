"""How long a destination asks to be left alone, and how long the engine does so."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 30.0
# A destination that asks for more is not waited for: the run stops, and its plan is kept.
LONGEST_WAIT = 120.0


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait; a date counts from the answer's own, whatever this clock says."""
    sent = _date(headers.get("Date"))
    return retry_after(headers.get("Retry-After"), lambda: sent or datetime.now(UTC))


def retry_after(header: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None when absent or nonsense."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        moment = _date(header)
        return max(0.0, (moment - now()).total_seconds()) if moment else None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def jittered_pause(first: float, attempt: int, after: float | None) -> float:
    """Seconds before the next attempt. Full jitter: clients that failed together do not come back together.

    Args:
        first: the longest first pause; it doubles with each attempt.
        after: what the destination asked for.
    """
    return (after or 0.0) + random.uniform(0, min(LONGEST_PAUSE, first * 2**attempt))  # noqa: S311


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
