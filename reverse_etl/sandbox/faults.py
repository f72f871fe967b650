"""What can go wrong at a destination, on request."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from reverse_etl.config.problems import nearest
from reverse_etl.errors import UsageError

DRAWN = ("too_many", "error", "reset", "hang", "html", "truncated", "empty")


@dataclass
class Faults:
    """Rates are between 0 and 1; a request suffers the first fault that is drawn for it.

    Attributes:
        latency: seconds before an answer.
        too_many: rate of 429.
        retry_after: seconds to name in a 429, or None for no such header.
        as_date: name them as an HTTP date.
        error: rate of 503.
        reset: rate of connections cut without an answer.
        after: share of the 503s and cuts that come after the work was done.
        hang: rate of requests that are never answered, nor carried out.
        html: rate of 200 with a page instead of JSON.
        truncated: rate of answers cut in the middle, after the work was done.
        empty: rate of 200 with nothing in it.
        script: names of faults, or None, that the next requests suffer before anything is drawn.
        unnamed: rate of results left out of an answer, though the work was done.
        fail_values: values that refuse their own record.
        fail_code: the destination's code for it, in place of one that blames the values.
        poison_values: values that refuse their whole batch.
        requests_per_second: more of them in any second are a violation, and bring a ban; None for no limit.
        ban_seconds: how long every request is answered 429 after a violation.
        daily_quota: requests after which every one is answered that the day's are used up; None for no end.
        revoke_after: requests after which every one is answered 401; None for never.
        redirect_to: address to redirect every request to.
        leak: put the token and the request's own rows into error bodies.
        only_writes: leave reads alone.
    """

    latency: float = 0.0
    too_many: float = 0.0
    retry_after: float | None = None
    as_date: bool = False
    error: float = 0.0
    reset: float = 0.0
    after: float = 0.5
    hang: float = 0.0
    html: float = 0.0
    truncated: float = 0.0
    empty: float = 0.0
    script: list[str | None] = field(default_factory=list)
    unnamed: float = 0.0
    fail_values: set[str] = field(default_factory=set)
    fail_code: str | None = None
    poison_values: set[str] = field(default_factory=set)
    requests_per_second: float | None = None
    ban_seconds: float = 1.0
    daily_quota: int | None = None
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

    def chance(self, rate: float) -> bool:
        """True at that rate."""
        return self.random.random() < rate

    def refuses(self, values: Iterable[str]) -> bool:
        """True when a record with these values is to be refused."""
        return not self.fail_values.isdisjoint(values)

    def poisons(self, values: Iterable[str]) -> bool:
        """True when a batch with these values is to be refused whole."""
        return not self.poison_values.isdisjoint(values)


NAMES = tuple(item.name for item in fields(Faults))


def read_faults(texts: Iterable[str]) -> Faults:
    """Faults of texts such as `too_many=0.1`; a bare name is true. Sets and scripts take one value a text.

    Raises:
        UsageError: there is no such fault, or its value is of another kind.
    """
    kinds = {item.name: str(item.type) for item in fields(Faults)}
    found: dict[str, Any] = {}
    for text in texts:
        name, given, value = text.partition("=")
        if name not in kinds:
            raise UsageError(
                f"There is no fault `{name}`.{nearest(name, kinds)}", f"One of {', '.join(NAMES)}."
            )
        one = _read(name, kinds[name], value if given else "true")
        if kinds[name].startswith(("set", "list")):
            found.setdefault(name, []).append(one)
        else:
            found[name] = one
    for name in ("fail_values", "poison_values"):
        found[name] = set(found.get(name, ()))
    return Faults(**found)


def _read(name: str, kind: str, text: str) -> Any:
    try:
        if kind == "bool":
            return {"true": True, "false": False}[text]
        if kind.startswith("float"):
            return float(text)
        return int(text) if kind.startswith("int") else text
    except (ValueError, KeyError):
        wanted = "true or false" if kind == "bool" else "a number"
        raise UsageError(f"The fault `{name}` takes {wanted}, and not {text!r}.") from None
