"""What the process holds: fewer searches for garbage, freed memory given back, no library unused."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.abc import MetaPathFinder
from typing import Any

# Objects made between two searches. Records and dbt's nodes are freed without one; looking through those that
# stay, again and again, costs more than the work on them.
BETWEEN = 200_000
_MMAP_THRESHOLD, _LARGE = -3, 128 * 1024  # of malloc.h, and bytes


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


def give_back() -> None:
    """Give the system what was freed and is kept for later: the next large work takes other sizes.

    Where the C library has no word for it, nothing is done.
    """
    if (arrow := sys.modules.get("pyarrow")) is not None:
        arrow.default_memory_pool().release_unused()
    if library := _library():
        library.malloc_trim(0)


@cache
def _library() -> Any:
    """The C library, where it is GNU's; else None."""
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        return library if library.malloc_trim and library.mallopt else None
    return None


class _NoPandas(MetaPathFinder):
    """Finds pandas nowhere."""

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> None:
        """See `importlib.abc.MetaPathFinder`."""
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def hold_little() -> None:
    """From now on, in a process that ends soon: what is large is given back when it is freed; no pandas."""
    if library := _library():
        # Unless it is told, the C library learns from what is freed to keep the next of that size.
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
    _spare_pandas()


def _spare_pandas() -> None:
    """Keep pyarrow from importing pandas, where it is installed, to look whether a value is one of pandas'.

    That is 45 MiB, and a fifth of a second. It looks once: from then on it takes no pandas object, so that
    this is for a process of our own command. Whoever imports pandas still gets it.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    nowhere = _NoPandas()
    sys.meta_path.insert(0, nowhere)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(nowhere)
