"""What can go wrong at a destination, on request."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

DRAWN = ("too_many", "error", "reset", "html", "truncated", "empty")


@dataclass
class Faults:
    """Rates are between 0 and 1; a request suffers the first fault that is drawn for it.

    Attributes:
        latency: seconds before an answer.
        too_many: rate of 429.
        retry_after: seconds to name in a 429, or None for no such header.
        error: rate of 503; half of them come after the work was done.
        reset: rate of connections cut without an answer; half of them after the work was done.
        html: rate of 200 with a page instead of JSON.
        truncated: rate of answers cut in the middle, after the work was done.
        empty: rate of 200 with nothing in it.
        script: names of faults, or None, that the next requests suffer before anything is drawn.
        unnamed: rate of results left out of an answer, though the work was done.
        fail_values: values that refuse their own record.
        poison_values: values that refuse their whole batch.
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
    truncated: float = 0.0
    empty: float = 0.0
    script: list[str | None] = field(default_factory=list)
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
        if self.script:
            return self.script.pop(0)
        for name in DRAWN:
            if self.random.random() < getattr(self, name):
                return name
        return None

    def refuses(self, values: Iterable[str]) -> bool:
        """True when a record with these values is to be refused."""
        return not self.fail_values.isdisjoint(values)

    def poisons(self, values: Iterable[str]) -> bool:
        """True when a batch with these values is to be refused whole."""
        return not self.poison_values.isdisjoint(values)
