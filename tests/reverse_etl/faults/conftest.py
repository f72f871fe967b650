"""Worlds of canaries. What each leaves behind is searched when its test ends."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from tests.conftest import make_settings
from tests.reverse_etl.faults.sweep import find_leaks
from tests.reverse_etl.faults.world import FaultWorld

Made = Callable[..., FaultWorld]


@pytest.fixture
def make_world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Made]:
    """Makes worlds, each with an account of its own; at the end nothing of them may have leaked."""
    caplog.set_level("DEBUG", logger="reverse_etl")
    worlds: list[FaultWorld] = []
    started = time.monotonic()

    def make(settings: Settings | None = None, people: int = 0, **options: Any) -> FaultWorld:
        folder = tmp_path / f"world{len(worlds)}"
        sandbox = Sandbox()
        sandbox.__enter__()
        request.addfinalizer(lambda: sandbox.__exit__(None, None, None))
        made = FaultWorld.make(
            settings or make_settings(folder / "home", "duckdb"), sandbox, folder / "project"
        )
        assert isinstance(made, FaultWorld)
        made.prepare()
        if options:
            made.write_destinations(**options)
        if people:
            made.add_people(range(people))
        worlds.append(made)
        return made

    yield make
    said = "".join(capfd.readouterr()) + caplog.text
    assert [leak for world in worlds for leak in find_leaks(world, said)] == []
    _note(request, worlds, time.monotonic() - started)


@pytest.fixture
def canaries(make_world: Made) -> FaultWorld:
    """On the embedded engine."""
    return make_world()


@pytest.fixture
def any_canaries(make_world: Made, any_settings: Settings) -> FaultWorld:
    """On each engine in turn."""
    return make_world(any_settings)


def _note(request: pytest.FixtureRequest, worlds: list[FaultWorld], seconds: float) -> None:
    """Keep the figures for docs/reliability.md, where `make reliability` asks for them."""
    folder, mark = os.environ.get("KITH_RELIABILITY"), request.node.get_closest_marker("fault")
    if not folder or mark is None:
        return
    # A world's last verdict is of all that it received.
    verdicts = [asdict(verdict) for world in worlds for verdict in world.verdicts[-1:]]
    names = ("lost", "duplicated", "resent", "violations", "requests")
    figures = {name: sum(verdict[name] for verdict in verdicts) for name in names}
    figures["requests"] = sum(world.sandbox.hubspot.requests for world in worlds)
    note = {"fault": mark.args[0], "test": request.node.nodeid, "seconds": seconds, **figures}
    path = Path(folder) / f"{hashlib.sha256(request.node.nodeid.encode()).hexdigest()}.json"
    path.write_text(json.dumps(note), encoding="utf-8")
