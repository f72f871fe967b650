"""One project on three engines: tables equal in every column, to the digit, the microsecond and the byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.demo import generate
from kith.demo.sources import ROOMS, switched_on
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse.spark import server
from tests.conftest import LONG, make_settings
from tests.support.loads import split
from tests.support.postgres import PostgresServer
from tests.support.sources import TESTS, only
from tests.support.tables import Row, difference, differing, table_names

pytestmark = [pytest.mark.build, pytest.mark.slow]

SCHEMAS = ("staging", "marts", "activation")
Engines = Mapping[str, Settings]


@pytest.fixture
def engines(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Engines]:
    """An empty warehouse of each engine."""
    database = postgres_server.new_database(f"three_{tmp_path.name[-20:].lower()}")
    found = {
        "duckdb": make_settings(tmp_path / "duckdb", "duckdb"),
        "postgres": make_settings(tmp_path / "postgres", "postgres", database),
        "spark": make_settings(tmp_path / "spark", "spark"),
    }
    yield found
    server.leave(tmp_path / "spark" / "spark")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files of every source of the demo."""
    folder = tmp_path_factory.mktemp("three")
    now = make_settings(folder / "unused", "duckdb").now
    generate(folder, people=120 if LONG else 25, seed=7, now=now, sources=tuple(ROOMS))
    return folder / "raw"


def build_each(engines: Engines, variables: Mapping[str, object], *, full_refresh: bool = False) -> None:
    for name, settings in engines.items():
        report = build(settings, exclude=TESTS, full_refresh=full_refresh, variables=variables)
        assert report.succeeded, (name, describe_failures(report, most=20))


def differences(engines: Engines) -> list[str]:
    """What differs between DuckDB and each of the others, told by engine, table, key and column."""
    one = engines["duckdb"]
    told: list[str] = []
    for name in ("postgres", "spark"):
        for schema in SCHEMAS:
            tables = table_names(one, schema)
            assert tables
            assert table_names(engines[name], schema) == tables, (name, schema)
            found = (difference(one, engines[name], schema, table) for table in tables)
            told += [f"{name}: {text}" for text in found if text]
    return told


def load_each(engines: Engines, folder: Path, *, append: bool) -> None:
    for settings in engines.values():
        load_folder(settings, folder, append=append)


def test_one_source_is_the_same_on_three_engines(engines: Engines, sources: Path, tmp_path: Path) -> None:
    """Two loads: the second is taken in by what it changed."""
    *most, rest = split(sources, tmp_path / "loads", again=0.1, late=True, source="shopify")
    for number, folder in enumerate(most):
        load_each(engines, folder, append=number > 0)
    build_each(engines, only("shopify"))
    load_each(engines, rest, append=True)
    build_each(engines, only("shopify"))
    assert differences(engines) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_three_loads_of_all_sources_are_the_same_on_three_engines(
    engines: Engines, sources: Path, tmp_path: Path
) -> None:
    """Overlapping and late loads, taken as they come; then all anew."""
    every = switched_on(tuple(ROOMS))
    for number, folder in enumerate(split(sources, tmp_path / "loads", again=0.1, late=True)):
        load_each(engines, folder, append=number > 0)
        build_each(engines, every)
        assert differences(engines) == [], f"after load {number + 1}"
    build_each(engines, every, full_refresh=True)
    assert differences(engines) == [], "after a full refresh"


def test_a_difference_is_told_by_table_key_and_column() -> None:
    columns = ["amount", "order_id", "source"]
    left: Counter[Row] = Counter([(1, "a", "shop"), (2, "b", "shop")])
    right: Counter[Row] = Counter([(1, "a", "shop"), (3, "b", "shop")])
    told = differing(("marts", "orders"), (columns, left), (columns, right))
    assert told is not None
    for word in ("marts.orders", "'order_id': 'b'", "amount: 2 and 3"):
        assert word in told
