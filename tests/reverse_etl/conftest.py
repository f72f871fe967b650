"""Worlds to sync in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from tests.reverse_etl.world import World


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An emulator that stands for the company's account."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(duckdb_settings: Settings, sandbox: Sandbox, tmp_path: Path) -> World:
    """On the embedded engine."""
    return World.make(duckdb_settings, sandbox, tmp_path / "project")


@pytest.fixture
def any_world(any_settings: Settings, sandbox: Sandbox, tmp_path: Path) -> World:
    """On each engine in turn."""
    return World.make(any_settings, sandbox, tmp_path / "project")
