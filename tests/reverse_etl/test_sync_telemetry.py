"""OpenTelemetry: spans of a run's parts and counters of its records, where somebody listens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from reverse_etl.errors import HeldError
from reverse_etl.sandbox import Faults
from reverse_etl.settings import PACKAGE_ROOT
from tests.reverse_etl.world import TOKEN, World


class Listening:
    """What an SDK of this process was told."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracing = TracerProvider()
        tracing.add_span_processor(SimpleSpanProcessor(self.exporter))
        trace.set_tracer_provider(tracing)
        metrics.set_meter_provider(MeterProvider([self.reader]))

    @property
    def spans(self) -> list[Any]:
        return list(self.exporter.get_finished_spans())

    def counters(self) -> dict[str, int]:
        data = self.reader.get_metrics_data()
        assert data is not None
        found: list[Any] = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics]
        return {m.name: sum(int(p.value) for p in m.data.data_points) for m in found}


@pytest.fixture(scope="module")
def sdk() -> Listening:
    """A process has one provider of each for good."""
    return Listening()


@pytest.fixture
def listening(sdk: Listening) -> Iterator[Listening]:
    sdk.exporter.clear()
    yield sdk


def test_a_run_is_a_span_with_its_parts_within_and_counts_its_records(
    world: World, listening: Listening
) -> None:
    world.add_people(range(10))
    world.sandbox.set_faults(Faults(fail_values={"Given7"}, script=["error"]))
    world.run()
    by_name = {span.name: span for span in listening.spans}
    assert set(by_name) == {"kith.sync.run", "kith.sync.plan", "kith.sync.send", "kith.sync.merge"}
    run = by_name["kith.sync.run"]
    assert dict(run.attributes) == {"kith.sync": "contacts", "kith.destination": "hubspot"}
    assert by_name["kith.sync.send"].parent.span_id == run.context.span_id
    assert by_name["kith.sync.merge"].parent.span_id == by_name["kith.sync.send"].context.span_id
    counted = listening.counters()
    assert (counted["kith.sync.planned"], counted["kith.sync.delivered"]) == (10, 9)
    assert (counted["kith.sync.rejected"], counted["kith.sync.requests_retried"]) == (1, 1)


def test_an_error_is_told_by_its_class_and_nothing_of_a_person_is_told(
    world: World, listening: Listening
) -> None:
    with pytest.raises(HeldError):
        world.run()
    plan = next(span for span in listening.spans if span.name == "kith.sync.plan")
    assert plan.attributes["error.type"] == "HeldError"
    world.add_people(range(5))
    world.sandbox.set_faults(Faults(revoke_after=0, leak=True))
    world.run()
    told = "".join(span.to_json() for span in listening.spans)
    for word in (TOKEN, "person3@", "Given3", "p_00003"):
        assert word not in told


def test_without_the_api_a_run_is_silent() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from reverse_etl.engine.telemetry import AVAILABLE, count, span\n"
        "with span('run', sync='x'): count({'planned': 1}, sync='x')\n"
        "print(AVAILABLE)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
