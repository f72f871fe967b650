"""Runs `kith` as a person does: a process of its own, with settings from the environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from reverse_etl.settings import Settings

KITH = Path(sys.executable).parent / "kith"


def run_kith(
    settings: Settings,
    *words: str,
    extra: Mapping[str, str] | None = None,
    timeout: float = 300,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """The finished process, its output captured."""
    return subprocess.run(
        [str(KITH), *words],
        env={**settings.environment, **(extra or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=cwd,
    )
