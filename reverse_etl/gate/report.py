"""What a gate is told to hold, and what it found: numbers alone, never a row's values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from reverse_etl.bounds import few_rows, lost_rows


@dataclass(frozen=True)
class GateSpec:
    """What must hold of one activation model.

    Attributes:
        model: the relation in the schema `activation`.
        not_null: columns of which no row may lack a value.
        unique: match keys: columns in which no value may stand twice (nulls apart).
        min_rows: fewer rows than this hold the sync.
        max_shrink: share of the last good run's rows that may be missing, 0 to 1.
        share_from: fewer missing rows than this are no share's business.
    """

    model: str
    not_null: tuple[str, ...]
    unique: tuple[str, ...]
    min_rows: int = 1
    max_shrink: float = 0.2
    share_from: int = 0

    def digest(self) -> str:
        """Changes when anything that is asked changes."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Expectation:
    """One expectation's outcome: what was claimed, what was found, what the limit is."""

    name: str
    claim: str
    observed: float
    limit: float
    passed: bool


@dataclass(frozen=True)
class GateReport:
    """One gate's verdict.

    Attributes:
        last_good_rows: rows when it last passed; None before the first time.
    """

    model: str
    rows: int
    last_good_rows: int | None
    expectations: tuple[Expectation, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation did."""
        return all(expectation.passed for expectation in self.expectations)

    @property
    def failures(self) -> list[Expectation]:
        """The expectations that did not hold."""
        return [expectation for expectation in self.expectations if not expectation.passed]

    def summary(self) -> str:
        """In one line: rows, the last good run's, and what failed."""
        last = (
            f", last good {self.last_good_rows:,}" if self.last_good_rows is not None else ", no run before"
        )
        if self.passed:
            return f"passed (rows {self.rows:,}{last})"
        return f"HELD (rows {self.rows:,}{last}): {'; '.join(self.reasons)}"

    @property
    def reasons(self) -> list[str]:
        """Why it holds, as the plan's guards would say it."""
        return [self._reason(failure) for failure in self.failures]

    def _reason(self, failure: Expectation) -> str:
        if failure.name == "rows":
            return few_rows(self.rows, int(failure.limit))
        if failure.name == "shrink" and self.last_good_rows:
            return lost_rows(self.rows, self.last_good_rows, failure.limit)
        return f"{failure.claim}: {failure.observed:,.0f}"
