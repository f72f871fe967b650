"""What can go wrong at a destination, on request."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class Faults:
    """Rates are between 0 and 1; a request suffers the first fault that is drawn for it.

    Attributes:
        latency: seconds before an answer.
        too_many: rate of 429 without Retry-After.
        retry_after: seconds to name in a 429, or None for no such header.
        error: rate of 503; half of them come after the work was done.
        reset: rate of connections cut without an answer; half of them after the work was done.
        html: rate of 200 with a page instead of JSON.
        unnamed: rate of results left out of an answer, though the work was done.
        fail_values: values that refuse their own record (207).
        poison_values: values that refuse their whole batch (400).
        revoke_after: requests after which every one is answered 401; None for never.
        redirect_to: address to redirect every request to.
        leak: put the token and the request's own rows into error bodies.
        only_writes: leave reads alone.
    """

    latency: float = 0.0
    too_many: float = 0.0
    retry_after: float | None = None
    error: float = 0.0
    reset: float = 0.0
    html: float = 0.0
    unnamed: float = 0.0
    fail_values: set[str] = field(default_factory=set)
    poison_values: set[str] = field(default_factory=set)
    revoke_after: int | None = None
    redirect_to: str | None = None
    leak: bool = False
    only_writes: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311

    def draw(self) -> str | None:
        """The name of the fault that the next request suffers, or None."""
        for name in ("too_many", "error", "reset", "html"):
            if self.random.random() < getattr(self, name):
                return name
        return None
