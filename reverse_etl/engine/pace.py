"""The pace of one account, shared by every process that sends to it: a small file in KITH_HOME/limits.

It holds moments of the machine's clock that only grows, and nothing else. Who takes a moment leaves at once:
nothing is reserved ahead, so that a process that dies leaves nothing behind but a lock, which the kernel
takes back.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from reverse_etl.errors import WarehouseError

# No moment lies farther ahead: one that does is of an earlier start of the machine.
HORIZON = 300.0
_FORM = struct.Struct("<5d")


@dataclass
class Pace:
    """What senders share. Moments are seconds of the monotonic clock.

    Attributes:
        next: when the next request may leave.
        closed_until: before it none may.
        told: requests a second that the destination's answers allow; 0 when they do not say.
        share: of that rate, what was left after the last 429.
        slowed_at: when that was.
    """

    next: float = 0.0
    closed_until: float = 0.0
    told: float = 0.0
    share: float = 1.0
    slowed_at: float = 0.0


class PaceFile:
    """One account's file, made when it is absent, for its owner alone.

    Raises:
        WarehouseError: it cannot be made or written, as on a full disk; nothing more is sent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)

    @contextmanager
    def held(self, now: float) -> Iterator[Pace]:
        """The pace, to be changed within the block, which must not wait for anything."""
        with self._told():
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                content = os.pread(self._handle, _FORM.size, 0)
                pace = Pace(*_FORM.unpack(content)) if len(content) == _FORM.size else Pace()
                if max(pace.next, pace.closed_until, pace.slowed_at) > now + HORIZON:
                    pace = Pace(told=pace.told)
                yield pace
                os.pwrite(self._handle, _FORM.pack(*astuple(pace)), 0)
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; it stays."""
        os.close(self._handle)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise WarehouseError(
                f"The pace of requests cannot be kept in {self._path} ({error.strerror}). "
                "Nothing more was sent.",
                "Free some space, or give the folder write permission.",
            ) from None


def account_name(kind: str, host: str, reference: str | None, name: str) -> str:
    """What an account's file is called: two names of one account, by host and credential, share it.

    Args:
        name: of the destination; all that tells accounts apart which have no credential.
    """
    whose = hashlib.sha256("\n".join([kind, host, reference or name]).encode()).hexdigest()
    return f"{kind}-{whose[:12]}"
