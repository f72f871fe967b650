"""The whole path on both engines, built once for all the tests that read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build
from kith.build.run import describe_failures
from kith.demo import generate
from kith.demo.sources import ROOMS, switched_on
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.conftest import make_settings
from tests.support.postgres import PostgresServer

PEOPLE = 400
EVERY_SOURCE = switched_on(tuple(ROOMS))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All sources, generated, with their truth beside them."""
    folder = tmp_path_factory.mktemp("demo")
    settings = make_settings(folder / "unused", "duckdb")
    generate(folder, people=PEOPLE, seed=7, now=settings.now, sources=tuple(ROOMS))
    return folder


def load_and_build(settings: Settings, folder: Path) -> Settings:
    load_folder(settings, folder / "raw", append=False)
    report = build(settings, variables=EVERY_SOURCE)
    assert report.succeeded, describe_failures(report, most=20)
    return settings


@pytest.fixture(scope="session")
def built_duckdb(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_and_build(make_settings(tmp_path_factory.mktemp("duck"), "duckdb"), demo_folder)


@pytest.fixture(scope="session")
def built_postgres(
    demo_folder: Path, tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Settings:
    database = postgres_server.new_database("whole_path")
    return load_and_build(make_settings(tmp_path_factory.mktemp("post"), "postgres", database), demo_folder)


@pytest.fixture(params=["duckdb", "postgres"])
def built(request: pytest.FixtureRequest) -> Settings:
    """Each engine's built path in turn. Tests that change it undo what they change."""
    settings: Settings = request.getfixturevalue(f"built_{request.param}")
    return settings
