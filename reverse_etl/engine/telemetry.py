"""OpenTelemetry for a run: spans of its parts and counters of its records, through the API alone.

Nothing is exported unless the process configures an SDK (`opentelemetry-instrument kith sync run …`, or the
service that calls the engine), and nothing at all is done where the API is not installed: `pip install
kith[otel]`. Attributes are names, ids of runs and counts; an error is told by its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

try:
    from opentelemetry import metrics, trace
except ImportError:  # the extra `otel` is not installed
    AVAILABLE = False
else:
    AVAILABLE = True

SCOPE = "kith.sync"


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """A span for the block, in the one around it."""
    if not AVAILABLE:
        yield
        return
    named = {f"kith.{key}": value for key, value in attributes.items()}
    # An exception's own text and trace may hold values: its class says enough.
    opened = trace.get_tracer(SCOPE).start_as_current_span(
        f"{SCOPE}.{name}", attributes=named, record_exception=False, set_status_on_exception=False
    )
    with opened as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(trace.StatusCode.ERROR)
            raise


def count(counts: Mapping[str, int], **attributes: str) -> None:
    """Add to the counters kith.sync.<name>."""
    if not AVAILABLE:
        return
    meter = metrics.get_meter(SCOPE)
    named = {f"kith.{key}": value for key, value in attributes.items()}
    for name, number in counts.items():
        meter.create_counter(f"{SCOPE}.{name}").add(number, named)
