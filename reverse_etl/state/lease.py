"""One run of a sync at a time on this machine: a lock that the kernel takes back when its owner dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reverse_etl.errors import HeldError, WarehouseError


@contextmanager
def sync_lease(home: Path, sync: str, destination: str) -> Iterator[None]:
    """Hold the sync for the block.

    Raises:
        HeldError: another living process holds it.
        WarehouseError: KITH_HOME cannot be written.
    """
    path = home / "locks" / f"{sync}@{destination}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise WarehouseError(
            f"The lock {path} cannot be made ({error.strerror}). Nothing was sent.",
            "Free some space, or give the folder write permission.",
        ) from None
    try:
        if not _taken(handle):
            owner = os.pread(handle, 20, 0).decode(errors="replace").strip() or "?"
            raise HeldError(
                f"{sync} is being run by another process ({owner}). Nothing was sent.",
                "Wait for it; a run that died gives way by itself.",
            )
        # Who holds it is only told to others: a full disk must not stop here, but where it is said.
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_leased(home: Path, sync: str, destination: str) -> bool:
    """True while a living process holds the sync."""
    try:
        handle = os.open(home / "locks" / f"{sync}@{destination}.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _taken(handle: int) -> bool:
    """Take the lock; False when another has it, and not only looks whether one has."""
    for pause in (0.02, 0.05, None):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if pause:
                time.sleep(pause)
        else:
            return True
    return False
