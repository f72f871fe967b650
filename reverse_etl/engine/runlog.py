"""What a run does, as it does it: a line of JSON an event in KITH_HOME/logs/sync.jsonl, its owner's alone.

began      the run, its plan and the plan's counts
retry      a request that is sent again, and why
circuit    sending is paused, tried, taken up again: opened, half open, closed
batch      what an answer said of its records, in numbers
held       a gate or a guard held the run, and why
resync     what was acknowledged is forgotten; nothing is sent
released   rejects are due again, because somebody asked
drift      what a destination holds was compared with what was left there, in numbers
finished   status, counts, the reasons of what was rejected

Lines hold counts, names and codes; no key, no value, no secret. A full log moves aside, and so do the ones
before it. A log that cannot be written stops no run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 10 * 1024 * 1024
KEPT = 3  # full logs beside the one that is written


class RunLog:
    """The log of one run.

    Args:
        now: the time of an event.
        facts: what every line of the run says.
    """

    def __init__(self, home: Path, now: Callable[[], datetime], **facts: str) -> None:
        self.path = home / "logs" / "sync.jsonl"
        self._now, self._facts = now, facts

    def write(self, event: str, **facts: Any) -> None:
        """One event; facts that are None, {} or "" are left out."""
        said = {"at": self._now().isoformat(timespec="milliseconds"), "event": event, **self._facts, **facts}
        kept = {name: value for name, value in said.items() if value not in (None, {}, "")}
        line = json.dumps(kept, ensure_ascii=False).encode() + b"\n"
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # One write to a file that is appended to: two runs at once never mix their lines.
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
                full = os.fstat(file).st_size >= MOST_BYTES
            finally:
                os.close(file)
            if full:
                self._move_aside()

    def _move_aside(self) -> None:
        for number in range(KEPT, 0, -1):
            older = self.path.with_suffix(f".{number}.jsonl")
            newer = self.path.with_suffix(f".{number - 1}.jsonl") if number > 1 else self.path
            if newer.exists():
                newer.replace(older)
