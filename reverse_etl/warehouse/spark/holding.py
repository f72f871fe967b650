"""One process at a time in the laptop's warehouse, in short turns."""

from __future__ import annotations

import fcntl
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from reverse_etl.errors import WarehouseBusy

_depth = threading.local()


@contextmanager
def held(folder: Path | None, wait: float) -> Iterator[None]:
    """Hold the folder's lock; at once where this thread holds it already, or where there is no folder.

    Raises:
        WarehouseBusy: another process held it for the whole wait.
    """
    mine: set[Path] = _depth.__dict__.setdefault("folders", set())
    if folder is None or folder in mine:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "using.lock").open("a") as handle:
        _take(handle, folder, wait)
        mine.add(folder)
        try:
            yield
        finally:
            mine.discard(folder)


def _take(handle: IO[str], folder: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    pause = 0.02
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise WarehouseBusy(
                    f"{folder} is being used by another process. Waited {wait:g} s. Nothing was changed.",
                    "Run the command again, or set KITH_LOCK_WAIT to more seconds.",
                ) from None
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        pause = min(pause * 2, 0.5)
