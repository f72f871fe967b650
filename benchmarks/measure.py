"""What a command costs, as the operating system counts it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reverse_etl.errors import KithError


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, seconds of CPU over all cores, and the most memory held, in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run the command to its end; its words go to `log`.

    Raises:
        KithError: it failed.
    """
    start = time.monotonic()
    with log.open("wb") as words:
        process = subprocess.Popen([*command], env=dict(environment), stdout=words, stderr=words)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise KithError(f"`{' '.join(command[:4])} …` failed.", f"Its words are in {log}.")
    # Linux counts memory in KiB, macOS in bytes.
    unit = 1024 if os.uname().sysname == "Linux" else 1024 * 1024
    return Cost(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)
