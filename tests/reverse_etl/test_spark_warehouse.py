"""Spark behind Spark Connect, with the laptop's own server: its life, and Arrow in and out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.spark import SparkWarehouse, server
from tests.conftest import make_settings

pytestmark = pytest.mark.build

ROWS = pa.table(
    {
        "number": pa.array([1, 2], pa.int64()),
        "name": ["Ana 'Q' \\ Ruiz", None],
        "amount": pa.array([Decimal("12.3400"), None], pa.decimal128(18, 4)),
        "at": pa.array([datetime(2026, 1, 2, 3, 4, 5, 678901), None], pa.timestamp("us")),
        "is_it": [True, None],
    }
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose server this process keeps up until the last test."""
    folder = tmp_path_factory.mktemp("spark")
    yield folder
    server.leave(folder / "spark")


@pytest.fixture
def settings(home: Path) -> Settings:
    return make_settings(home, "spark")


def spark(settings: Settings) -> SparkWarehouse:
    found = open_warehouse(settings)
    assert isinstance(found, SparkWarehouse)
    return found


def ingest(settings: Settings, table: str, rows: pa.Table, *, append: bool = False) -> int:
    with open_warehouse(settings).connect() as connection:
        return connection.ingest("shop", table, rows.to_reader(), append=append)


def read(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with open_warehouse(settings).connect() as connection:
        return connection.execute(sql)


def test_rows_come_back_as_they_went(settings: Settings) -> None:
    assert ingest(settings, "goods", ROWS) == 2
    rows = read(settings, "select * from shop.goods order by number")
    assert rows == list(zip(*(column.to_pylist() for column in ROWS.columns), strict=True))


def test_rows_are_added_by_name_and_a_new_column_is_null_before(settings: Settings) -> None:
    ingest(settings, "added", ROWS)
    with open_warehouse(settings).connect() as connection:
        connection.add_column("shop", "added", "odd `name`", "bigint")
        more = pa.table({"odd `name`": pa.array([7], pa.int64()), "number": pa.array([3], pa.int32())})
        assert connection.ingest("shop", "added", more.to_reader(), append=True) == 1
        found = connection.execute("select number, name, `odd ``name``` from shop.added order by number")
        assert list(connection.columns("shop", "added") or {}) == [*ROWS.schema.names, "odd `name`"]
        described = connection.execute("describe table shop.added")
        assert [name for name, *_ in described] == [*ROWS.schema.names, "odd `name`"]
    assert found == [(1, "Ana 'Q' \\ Ruiz", None), (2, None, None), (3, None, 7)]


def test_many_rows_go_and_come_in_chunks(settings: Settings) -> None:
    many = pa.table({"number": pa.array(range(250_000), pa.int64())})
    assert ingest(settings, "many", many) == 250_000
    with open_warehouse(settings).connect() as connection:
        batches = list(connection.stream("select number from shop.many", rows=5_000))
    assert sum(batch.num_rows for batch in batches) == 250_000
    assert max(batch.num_rows for batch in batches) <= 5_000
    assert {value for batch in batches for value in batch.column(0).to_pylist()} == set(range(250_000))


def test_what_is_not_there_is_told_as_absent(settings: Settings) -> None:
    with open_warehouse(settings).connect() as connection:
        assert connection.columns("shop", "nothing") is None
        assert connection.columns("nowhere", "nothing") is None
        assert connection.tables("nowhere") == []


def test_a_kept_table_is_gone_with_its_connection(settings: Settings) -> None:
    with open_warehouse(settings).connect() as connection:
        connection.keep("own", "select 1 as a")
        assert connection.execute("select a from own") == [(1,)]
        assert connection.stage("own", ROWS.to_reader()) == 2
        assert connection.execute("select count(*) from own") == [(2,)]
    with pytest.raises(WarehouseError, match="own"):
        read(settings, "select * from own")
    assert read(settings, "show tables in kith_temporary") == []


def test_a_block_that_fails_leaves_every_table_as_it_was(settings: Settings) -> None:
    ingest(settings, "before", ROWS)

    def fail() -> None:
        with open_warehouse(settings).connect() as connection:
            connection.ingest("shop", "before", ROWS.to_reader(), append=True)
            connection.ingest("shop", "fresh", ROWS.to_reader(), append=False)
            connection.ingest("shop", "before", pa.table({"x": [1]}).to_reader(), append=False)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("select count(*) from shop.before") == [(2,)]
        assert list(connection.columns("shop", "before") or {}) == ROWS.schema.names
        assert connection.columns("shop", "fresh") is None


WRITER = """
import sys, time
import pyarrow as pa
from reverse_etl.settings import read_settings
from reverse_etl.warehouse import open_warehouse
with open_warehouse(read_settings()).connect() as connection:
    rows = pa.table({"number": pa.array([9] * 10, pa.int64())})
    connection.ingest("shop", "killed", rows.to_reader(), append=True)
    print("written", flush=True)
    time.sleep(60)
"""


def writer(settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PACKAGE_ROOT,
        env=dict(settings.environment),
    )


def test_a_killed_write_is_undone_by_the_next_who_comes(settings: Settings) -> None:
    ingest(settings, "killed", pa.table({"number": pa.array([1], pa.int64())}))
    process = writer(settings)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert read(settings, "select number from shop.killed") == [(1,)]
    assert ingest(settings, "killed", pa.table({"number": pa.array([2], pa.int64())}), append=True) == 1
    assert read(settings, "select number from shop.killed order by 1") == [(1,), (2,)]


def test_the_next_server_knows_the_tables_and_views_of_the_last(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, "spark")
    folder = tmp_path / "spark"
    ingest(settings, "goods", ROWS)
    read(settings, "create table shop.made using delta as select 1 as a, cast(null as string) as b")
    read(settings, "create view shop.names as select name from shop.goods")
    read(settings, "create view shop.first as select name from shop.names")
    read(settings, "create or replace table shop.dropped using delta as select 1 as a")
    read(settings, "drop table shop.dropped")
    spark(settings).tidy()
    before = json.loads((folder / server.NOTE).read_text())
    server.leave(folder)
    wait_for_end(before["pid"])
    assert read(settings, "select count(*) from shop.first") == [(2,)]
    # dbt asks the catalog, and not the table, for the columns.
    described = read(settings, "describe table shop.goods")
    assert [name for name, *_ in described] == ROWS.schema.names
    assert read(settings, "describe table shop.made") == [("a", "int", None), ("b", "string", None)]
    with open_warehouse(settings).connect() as connection:
        assert connection.tables("shop") == ["first", "goods", "made", "names"]
    assert json.loads((folder / server.NOTE).read_text())["address"] != before["address"]
    server.leave(folder)


def wait_for_end(pid: int) -> None:
    """Until the process is no more."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the server is still up")


def test_the_server_ends_with_a_user_that_is_killed(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, "spark")
    process = writer(settings)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    server_pid = json.loads((tmp_path / "spark" / server.NOTE).read_text())["pid"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    wait_for_end(server_pid)


@pytest.mark.parametrize(
    ("remote", "kind", "told"),
    [
        ("sc://127.0.0.1:1", WarehouseError, "127.0.0.1:1 cannot be reached"),
        ("sc://no.such.host.invalid:15002", WarehouseError, "no.such.host.invalid:15002 cannot be reached"),
        ("http://127.0.0.1/;token=geheim", ConfigurationError, "no address of Spark Connect"),
        ("sc://127.0.0.1:port/;token=geheim", ConfigurationError, "no address of Spark Connect"),
    ],
)
def test_a_wrong_address_is_told_at_once_and_without_its_secret(
    tmp_path: Path, remote: str, kind: type[Exception], told: str
) -> None:
    settings = make_settings(tmp_path, "spark", {"KITH_SPARK_REMOTE": remote})
    begun = time.monotonic()
    with pytest.raises(kind) as caught:
        read(settings, "select 1")
    assert told in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert time.monotonic() - begun < 20
