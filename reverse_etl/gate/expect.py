"""Great Expectations over the measured numbers: one row of aggregates, whatever the table's size."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reverse_etl.gate.report import Expectation, GateSpec


@dataclass(frozen=True)
class Bound:
    """A measured number and where it must lie."""

    name: str
    claim: str
    observed: float
    minimum: float | None = None
    maximum: float | None = None

    @property
    def limit(self) -> float:
        """The side that is bounded."""
        bound = self.minimum if self.minimum is not None else self.maximum
        return float(bound or 0)

    @property
    def holds(self) -> bool:
        """True when it lies there."""
        above = self.minimum is None or self.observed >= self.minimum
        return above and (self.maximum is None or self.observed <= self.maximum)

    def expectation(self, *, passed: bool) -> Expectation:
        """The outcome."""
        return Expectation(self.name, self.claim, self.observed, self.limit, passed)


def bounds(spec: GateSpec, measured: dict[str, int], last_good_rows: int | None) -> list[Bound]:
    """What the numbers must satisfy."""
    rows = measured["rows"]
    found = [Bound("rows", "rows", rows, minimum=spec.min_rows)]
    if last_good_rows and last_good_rows - rows >= spec.share_from:
        shrink = max(0.0, 1 - rows / last_good_rows)
        found.append(
            Bound("shrink", "share of rows lost since the last good run", shrink, maximum=spec.max_shrink)
        )
    for column in spec.not_null:
        found.append(
            Bound(f"null_{column}", f"rows without `{column}`", measured[f"null_{column}"], maximum=0)
        )
    for column in spec.unique:
        name = f"duplicate_{column}"
        found.append(Bound(name, f"rows that repeat a `{column}`", measured[name], maximum=0))
    return found


def expect(found: list[Bound]) -> list[Expectation]:
    """Validate each bound with Great Expectations; in the order given."""
    results = _validate(found)
    return [bound.expectation(passed=passed) for bound, passed in zip(found, results, strict=True)]


def _validate(found: list[Bound]) -> list[bool]:
    # Imported late: it takes seconds. Its analytics and its chatter are switched off before it can start.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    library = logging.getLogger("great_expectations")
    library.addHandler(logging.NullHandler())
    library.propagate = False
    with _without_spark():
        import great_expectations as gx
    import pandas as pd

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = pd.DataFrame([{bound.name: float(bound.observed) for bound in found}])
    asset = context.data_sources.add_pandas("gate").add_dataframe_asset("measures")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        name="gate",
        expectations=[
            gx.expectations.ExpectColumnValuesToBeBetween(
                column=bound.name, min_value=bound.minimum, max_value=bound.maximum
            )
            for bound in found
        ],
    )
    outcome = {
        result.expectation_config.kwargs["column"]: bool(result.success)
        for result in batch.validate(suite).results
    }
    return [outcome[bound.name] for bound in found]


@contextmanager
def _without_spark() -> Iterator[None]:
    """The library looks for Spark when it is imported; where a client without an engine is installed, that
    look ends the process."""
    absent = "pyspark" not in sys.modules
    if absent:
        sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules["pyspark"]
