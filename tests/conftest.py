"""What every test may ask for: settings over a fresh home, on DuckDB or on a real PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from reverse_etl.settings import PACKAGE_ROOT, Settings, read_settings
from tests.support.parsed import shared_parses
from tests.support.postgres import PostgresServer

NOW = "2026-11-20T09:00:00Z"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run, on a socket in a folder of the tests."""
    with PostgresServer(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def parsed_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[None]:
    """What one home parsed, the next starts from; processes of one run share it."""
    if not any(item.get_closest_marker("build") for item in request.session.items):
        yield  # dbt takes seconds to import
        return
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "parsed"
    folder.mkdir(exist_ok=True)
    with shared_parses(folder):
        yield


def make_settings(home: Path, target: str, extra: Mapping[str, str] | None = None) -> Settings:
    """Settings over a home of their own, at the tests' clock."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("KITH_")},
        "KITH_PROJECT": str(PACKAGE_ROOT),
        "KITH_HOME": str(home),
        "KITH_TARGET": target,
        "KITH_NOW": NOW,
        **(extra or {}),
    }
    return read_settings(environment)


@pytest.fixture
def duckdb_settings(tmp_path: Path) -> Settings:
    """An embedded warehouse that does not exist yet."""
    return make_settings(tmp_path / "home", "duckdb")


@pytest.fixture
def postgres_settings(tmp_path: Path, postgres_server: PostgresServer) -> Settings:
    """An empty database on the tests' PostgreSQL."""
    return make_settings(tmp_path / "home", "postgres", postgres_server.new_database(f"t_{uuid.uuid4().hex}"))


# The whole path, with all sources, is built and compared on both engines in tests/path. A part alone is
# built on the embedded one, and on PostgreSQL in the long run.
LONG = bool(os.environ.get("KITH_TEST_LONG"))
EACH_ALONE = ["duckdb", "postgres"] if LONG else ["duckdb"]


# A file is one process's: those that build longest begin first, or one process ends long after the other.
LONGEST = (
    "tests/path/test_two_engines.py",
    "tests/orchestration",
    "tests/dbt/test_incremental.py",
    "tests/path",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, within a file in its own order; what takes minutes in the long run alone."""
    if not LONG:
        left_out = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

    def place(item: pytest.Item) -> int:
        found = (number for number, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST))

    items.sort(key=place)


@pytest.fixture(params=EACH_ALONE)
def source_settings(request: pytest.FixtureRequest) -> Settings:
    """An empty warehouse for a part alone."""
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    return settings


@pytest.fixture(params=["duckdb", "postgres"])
def any_settings(request: pytest.FixtureRequest) -> Settings:
    """Each engine in turn."""
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    return settings
