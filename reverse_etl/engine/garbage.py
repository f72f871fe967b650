"""The interpreter's search for garbage, put off while records by the hundred thousand come and go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made between two searches. Records are freed without one; looking through those in flight again and
# again costs more than sending them.
BETWEEN = 200_000


@contextmanager
def few_collections() -> Iterator[None]:
    """For the block."""
    before = gc.get_threshold()
    gc.set_threshold(BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
