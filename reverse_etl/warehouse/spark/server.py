"""Starts the laptop's Spark Connect server, or joins the one that a process of the same home started."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import select
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.warehouse.spark import host

STARTS_WITHIN = 60.0  # seconds
LOG = "server.log"
NOTE = "server.json"
# What the server is told beside our own environment: one clock, and a session that outlives any pause.
ENVIRONMENT = {"TZ": "UTC", "SAIL_SPARK__SESSION_TIMEOUT_SECS": "604800"}

_joined: dict[Path, tuple[str, socket.socket, int]] = {}
_lock = threading.Lock()


def address_of(folder: Path, prepare: Callable[[str], None]) -> str:
    """The address of the folder's server, started when nobody's is up; it ends after the last who uses it.

    Args:
        folder: where the server works, its tables lie and its log is written.
        prepare: called once with the address of a server that was started, before anybody else may use it.

    Raises:
        ConfigurationError: Sail is not installed.
        WarehouseError: it did not start.
    """
    with _lock:
        known = _joined.get(folder)
        if known and known[2] == os.getpid() and _holds(known[1]):
            return known[0]
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / "starting.lock"):
            address, watch = _join(folder) or _start(folder, prepare)
        _joined[folder] = (address, watch, os.getpid())
        return address


def leave(folder: Path) -> None:
    """Let go of the folder's server; the last who does ends it."""
    with _lock:
        known = _joined.pop(folder, None)
        if known:
            known[1].close()


def _join(folder: Path) -> tuple[str, socket.socket] | None:
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return str(note["address"]), _greet(int(note["watch"]))
    except (OSError, ValueError, KeyError):
        return None


def _greet(port: int) -> socket.socket:
    """A held connection to a server's watch."""
    watch = socket.create_connection(("127.0.0.1", port), timeout=5)
    if watch.recv(len(host.HELLO)) != host.HELLO:
        watch.close()
        raise ConnectionRefusedError
    watch.setblocking(False)
    return watch


def _holds(watch: socket.socket) -> bool:
    """Whether the server at the other end is still there."""
    with suppress(BlockingIOError):
        try:
            return bool(watch.recv(64))
        except ConnectionError:
            return False
    return True


def _start(folder: Path, prepare: Callable[[str], None]) -> tuple[str, socket.socket]:
    if importlib.util.find_spec("pysail") is None:
        raise ConfigurationError(
            "No Spark server is named, and Sail, which runs one on a laptop, is not installed.",
            "Set KITH_SPARK_REMOTE=sc://host:port, or: pip install 'kith[sail]'.",
        )
    (folder / NOTE).unlink(missing_ok=True)
    with (folder / LOG).open("wb") as log:
        # A session of its own: Ctrl-C is ours to handle, and it goes on until we are done with it.
        process = subprocess.Popen(
            [sys.executable, "-P", host.__file__, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **ENVIRONMENT},
            start_new_session=True,
        )
    try:
        ports = json.loads(_first_line(process))
        watch = _greet(int(ports["watch"]))
    except (OSError, ValueError, KeyError):
        process.kill()
        process.wait()
        raise WarehouseError(
            "The laptop's Spark server did not start.", f"Its log says why: {folder / LOG}."
        ) from None
    # It ends by itself; nobody waits for it, and this keeps it from staying a zombie while we live.
    threading.Thread(target=process.wait, daemon=True).start()
    address = f"sc://127.0.0.1:{ports['port']}/;session_id={uuid.uuid4()}"
    try:
        prepare(address)
    except BaseException:
        watch.close()
        raise
    _write(folder / NOTE, {"address": address, "watch": ports["watch"], "pid": process.pid})
    return address, watch


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What the server says when it is up; empty when it ended or kept silent too long."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], STARTS_WITHIN)
    return process.stdout.readline() if ready else b""


def _write(note: Path, content: dict[str, object]) -> None:
    temporary = note.with_suffix(".tmp")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(note)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time looks for a server or starts one."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
