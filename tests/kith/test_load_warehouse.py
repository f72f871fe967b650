"""A warehouse that is held, full, read-only or away is told in one message, and is left as it was."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from kith.load import load_folder
from reverse_etl.errors import InputError, WarehouseBusy, WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import make_settings
from tests.support.raw import rows_of, write_raw

LOAD_WITH_A_LIMIT = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from kith.cli import main
main(["load", sys.argv[2]])
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder of one small table."""
    return write_raw(tmp_path / "small", {"shopify/items.csv": "id\n1\n"})


def test_a_full_disk_is_told_and_changes_nothing(
    duckdb_settings: Settings, small: Path, tmp_path: Path
) -> None:
    load_folder(duckdb_settings, small)
    size = (duckdb_settings.home / "warehouse.duckdb").stat().st_size
    numbers = pa.table(
        {
            "id": pa.array(range(2_000_000), pa.int64()),
            "token": pa.array([f"{n * 7919:x}" for n in range(2_000_000)]),
        }
    )
    big = write_raw(tmp_path / "big", {"shopify/items.parquet": numbers})
    ran = subprocess.run(
        [sys.executable, "-c", LOAD_WITH_A_LIMIT, str(size + 2_000_000), str(big)],
        env=dict(duckdb_settings.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "is full. Nothing was changed." in ran.stderr
    assert "Traceback" not in ran.stderr
    assert rows_of(duckdb_settings, "shopify", "items") == [{"id": "1"}]


def test_a_warehouse_that_another_process_holds_is_waited_for_and_told(
    duckdb_settings: Settings, small: Path, tmp_path: Path
) -> None:
    load_folder(duckdb_settings, small)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    path = duckdb_settings.home / "warehouse.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy, match="used by another process"):
            load_folder(replace(duckdb_settings, lock_wait=0.2), small)
        assert holder.stdin
        holder.stdin.close()
    load_folder(duckdb_settings, small)


def test_a_home_that_cannot_be_made_is_told(small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WarehouseError, match="is no folder"):
        load_folder(make_settings(tmp_path / "file", "duckdb"), small)


def test_a_file_that_is_no_warehouse_is_told_and_kept(tmp_path: Path, small: Path) -> None:
    target = make_settings(tmp_path / "home", "duckdb")
    target.home.mkdir()
    (target.home / "warehouse.duckdb").write_bytes(b"a letter to a friend, not a database")
    with pytest.raises(WarehouseError, match="is no DuckDB warehouse"):
        load_folder(target, small)
    assert (target.home / "warehouse.duckdb").read_bytes() == b"a letter to a friend, not a database"


def test_a_read_only_server_is_told_and_changes_nothing(postgres_settings: Settings, small: Path) -> None:
    load_folder(postgres_settings, small)
    with open_warehouse(postgres_settings).connect() as connection:
        (name,) = connection.execute("select current_database()")[0]
        connection.execute(f'alter database "{name}" set default_transaction_read_only = on')
    with pytest.raises(WarehouseError, match="read-only"):
        load_folder(postgres_settings, small)
    assert rows_of(postgres_settings, "shopify", "items") == [{"id": "1"}]


def test_a_name_that_postgres_cuts_is_said_and_appended_to(
    postgres_settings: Settings, tmp_path: Path
) -> None:
    name = "unstruct_event_" * 5
    folder = write_raw(tmp_path / "raw", {"shopify/items.csv": f"id,{name}\n1,2\n"})
    report = load_folder(postgres_settings, folder)
    assert report.notes == [f"shopify/items.csv: cut by PostgreSQL: {name[:63]}"]
    load_folder(postgres_settings, folder, append=True)
    assert rows_of(postgres_settings, "shopify", "items") == [{"id": "1", name[:63]: "2"}] * 2


def test_names_that_postgres_would_cut_to_one_are_refused(
    postgres_settings: Settings, tmp_path: Path
) -> None:
    long = "unstruct_event_" * 5
    folder = write_raw(tmp_path / "raw", {"shopify/items.csv": f"{long}a,{long}b\n1,2\n"})
    with pytest.raises(InputError, match="then two columns are"):
        load_folder(postgres_settings, folder)


def test_a_server_that_is_away_is_told(tmp_path: Path, small: Path) -> None:
    away = {"KITH_POSTGRES_HOST": str(tmp_path / "no-socket"), "KITH_POSTGRES_USER": "kith"}
    with pytest.raises(WarehouseError, match="cannot be reached"):
        load_folder(make_settings(tmp_path / "home", "postgres", away), small)


def test_a_file_that_is_damaged_inside_leaves_the_warehouse_as_it_was(
    any_settings: Settings, small: Path, tmp_path: Path
) -> None:
    load_folder(any_settings, small)
    words = pa.table({"id": pa.array([f"{n * 7919:x}" for n in range(50_000)])})
    damaged = write_raw(
        tmp_path / "damaged", {"segment/first.csv": "id\n1\n", "shopify/items.parquet": words}
    )
    content = bytearray((damaged / "shopify/items.parquet").read_bytes())
    content[1000:40_000] = b"\xff" * 39_000
    (damaged / "shopify/items.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"shopify/items\.parquet"):
        load_folder(any_settings, damaged)
    assert rows_of(any_settings, "shopify", "items") == [{"id": "1"}]


def test_a_table_larger_than_a_block_is_loaded_whole(duckdb_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    (folder / "shopify").mkdir(parents=True)
    with (folder / "shopify" / "items.csv").open("w") as file:
        file.write("id,text\n")
        file.writelines(f"{n},{'é' * (n % 97)}\n" for n in range(600_000))
    load_folder(duckdb_settings, folder)
    with duckdb.connect(str(duckdb_settings.home / "warehouse.duckdb"), read_only=True) as connection:
        counted = connection.sql(
            "select count(*), sum(length(text)), max(cast(id as int)) from shopify.items"
        ).fetchall()
    assert counted == [(600_000, sum(n % 97 for n in range(600_000)), 599_999)]
