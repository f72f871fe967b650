"""The interpreter's search for garbage, put off where objects by the hundred thousand come and go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made between two searches. Records and dbt's nodes are freed without one; looking through those that
# stay, again and again, costs more than the work on them.
BETWEEN = 200_000


@contextmanager
def few_collections() -> Iterator[None]:
    """For the block, as in a process that goes on."""
    before = gc.get_threshold()
    gc.set_threshold(max(BETWEEN, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def collect_rarely() -> None:
    """From now on, as in a process that ends soon."""
    gc.set_threshold(BETWEEN, *gc.get_threshold()[1:])
