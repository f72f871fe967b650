"""The retry budget: retries are a part of what is sent, and never the most of it."""

from __future__ import annotations

# Retries that a run may make before anything was answered, and what each answer adds, up to as many.
RESERVE = 60.0
EARNED = 0.5


class RetryBudget:
    """One run's budget: without it, a destination in trouble gets each request as often as attempts allow."""

    def __init__(self) -> None:
        self._left = RESERVE

    def earn(self) -> None:
        """A request was answered."""
        self._left = min(RESERVE, self._left + EARNED)

    def spend(self) -> bool:
        """True when one more retry may be made."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
