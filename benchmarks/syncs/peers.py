"""Peers in environments of their own, which send the same rows to the same tool as they are meant to be used.

Each is installed once, into the user's cache, and skipped, with a word, where it cannot be.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost, run
from benchmarks.syncs.kinds.tool import BATCH
from benchmarks.syncs.world import FIELDS
from reverse_etl.errors import KithError
from reverse_etl.settings import Settings

MODEL = f"select person_id, {', '.join(FIELDS)} from activation.sync_tool__people"
DRT_SYNC = """\
name: people
description: The benchmark's people.
model: {model}
destination:
  type: rest_api
  url: "{url}/records"
  method: POST
  headers: {{Content-Type: application/json}}
  body_mode: batch
  batch_template: '{{"records": {{{{ rows | tojson_safe }}}}}}'
  max_records_per_request: {batch}
sync:
  mode: full
  batch_size: {batch}
  rate_limit: {{requests_per_second: 10000}}
  on_error: skip
"""


@dataclass(frozen=True)
class Peer:
    """A peer, its version, and what it needs beside itself."""

    name: str
    version: str
    needs: tuple[str, ...]


PEERS = (Peer("drt-core", "1.2.1", ("duckdb",)), Peer("dlt", "1.31", ("duckdb", "requests")))


def installed(peer: Peer) -> Path:
    """The peer's Python.

    Raises:
        KithError: it cannot be installed.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kith" / "bench-peers"
    folder = cache / f"{peer.name}-{peer.version}"
    python = folder / "bin" / "python"
    if (folder / "whole").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    commands = [
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", f"{peer.name}=={peer.version}.*", *peer.needs],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or "no word").splitlines()[-1]
            raise KithError(f"{peer.name} cannot be installed: {last}")
    (folder / "whole").touch()
    return python


def send(peer: Peer, settings: Settings, url: str) -> Cost:
    """Send the project's people once; what that cost, the peer's own start and its work on disk included.

    Raises:
        KithError: it cannot be installed, or it failed.
    """
    python = installed(peer)
    folder = settings.root / peer.name
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = settings.home / "warehouse.duckdb"
    environment = {
        **os.environ,
        "HOME": str(folder),
        "DO_NOT_TRACK": "1",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }
    command = (_drt if peer.name == "drt-core" else _dlt)(python, folder, warehouse, url)
    return _run(command, environment, folder, settings.root.parent / f"{peer.name}.log")


def _run(command: list[str], environment: Mapping[str, str], folder: Path, log: Path) -> Cost:
    # A peer reads its project from where it is started.
    here = Path.cwd()
    os.chdir(folder)
    try:
        return run(command, environment, log)
    finally:
        os.chdir(here)


def _drt(python: Path, folder: Path, warehouse: Path, url: str) -> list[str]:
    (folder / "syncs").mkdir(exist_ok=True)
    (folder / ".drt").mkdir(exist_ok=True)
    (folder / "drt_project.yml").write_text("name: bench\nprofile: default\n", encoding="utf-8")
    profile = {"default": {"type": "duckdb", "database": str(warehouse)}}
    (folder / ".drt" / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")
    text = DRT_SYNC.format(model=MODEL, url=url, batch=BATCH)
    (folder / "syncs" / "people.yml").write_text(text, encoding="utf-8")
    return [str(python.with_name("drt")), "run"]


def _dlt(python: Path, folder: Path, warehouse: Path, url: str) -> list[str]:
    script = Path(__file__).parent / "peers_dlt.py"
    return [str(python), str(script), str(warehouse), MODEL, url, str(BATCH)]
