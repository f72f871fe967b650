"""`kith …` in a process that kills itself with SIGKILL at a chosen moment, many of them in little time.

The parent process imports everything once; each command is a fork of it. A moment is a number of calls made
within one part of the engine: every step of planning, sending, journaling and merging lies between two calls.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from reverse_etl.settings import PACKAGE_ROOT

Environment = Mapping[str, str]
OWN = str(PACKAGE_ROOT / "reverse_etl") + "/"
# Part → where its functions are.
PARTS = {
    "plan": "planner/",
    "send": "engine/deliver",
    "answers": "destinations/",
    "journal": "state/journal",
    "merge": "state/merge",
}


@dataclass(frozen=True)
class Moment:
    """The call, counted from 1, within that part."""

    part: str
    call: int


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, -9 when it was killed, and the calls made within each part."""

    code: int
    calls: Mapping[str, int]


class Commands:
    """`with Commands() as commands:` runs `kith` commands, each in a process of its own."""

    def __enter__(self) -> Commands:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.reverse_etl.faults.killable"],
            cwd=PACKAGE_ROOT,
            env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        # A test that failed may have left a command running.
        self._parent.kill()
        self._parent.wait()

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        until: Moment | None = None,
    ) -> Ended:
        """Run `kith` to its end, or until that call; what it says is added to `log`."""
        self.start(arguments, environment, log, until=until)
        return self.wait()

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        until: Moment | None = None,
    ) -> int:
        """Start it, and do not wait; its process id."""
        moment = [until.part, until.call] if until else ["", 0]
        request = [list(arguments), dict(environment), str(log), moment]
        return int(self._ask(json.dumps(request)))

    def wait(self) -> Ended:
        """Wait for what was started."""
        found = json.loads(self._answer())
        return Ended(found["code"], found["calls"])

    def _ask(self, line: str) -> str:
        assert self._parent.stdin is not None
        self._parent.stdin.write(line + "\n")
        self._parent.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline()


def _serve() -> None:
    """The parent: a line asks, a line answers with the child's id, another with how it ended."""
    # Imported here, once, and by every fork had for nothing.
    import reverse_etl.api.gate
    import reverse_etl.api.plan
    import reverse_etl.api.run  # noqa: F401
    from kith.cli import main
    from reverse_etl.warehouse.spark.session import driver

    for line in sys.stdin:
        arguments, environment, log, moment = json.loads(line)
        if environment.get("KITH_TARGET") == "spark":
            driver()
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            os.environ.clear()
            os.environ.update(environment)
            spoken = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            for stream in (1, 2):
                os.dup2(spoken, stream)
            _live(main, arguments, moment, write)
        os.close(write)
        _say(str(child))
        _, status = os.waitpid(child, 0)
        with os.fdopen(read) as told:
            calls = told.read()
        code = os.waitstatus_to_exitcode(status)
        _say(json.dumps({"code": code, "calls": json.loads(calls or "{}")}))


def _live(main: Any, arguments: list[str], moment: list[Any], write: int) -> None:
    """The child: counts calls, and dies at the one that it was told."""
    calls = dict.fromkeys(PARTS, 0)
    parts: dict[str, str | None] = {}

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event not in ("call", "c_call"):
            return
        name = frame.f_code.co_filename
        if name not in parts:
            parts[name] = _part(name)
        part = parts[name]
        if part is not None:
            calls[part] += 1
            if [part, calls[part]] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    code = 2
    threading.setprofile(count)
    sys.setprofile(count)
    try:
        main(arguments)
    except SystemExit as left:
        code = int(str(left.code or 0))
    finally:
        sys.setprofile(None)
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(write, json.dumps(calls).encode())
        os._exit(code)


def _part(name: str) -> str | None:
    inner = name.removeprefix(OWN)
    return next((part for part, where in PARTS.items() if inner.startswith(where)), None)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve()
