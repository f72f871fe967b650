"""A build holds the embedded warehouse to its end: another process waits, and what it writes is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kith.build import publish_read_copy, staged_build
from kith.load import load_folder
from reverse_etl.errors import WarehouseBusy
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.support.raw import rows_of, write_raw

# A build without dbt: a table of its own, work for some seconds or until its input closes, then the copy
# takes its place.
BUILD = """
import select, sys
from kith.build import staged_build
from reverse_etl.settings import read_settings
from reverse_etl.warehouse import open_warehouse
with staged_build(read_settings()) as staging:
    with open_warehouse(staging.settings).connect() as connection:
        connection.execute("create schema if not exists built")
        connection.execute(f"create table built.{sys.argv[1]} as select 1 as done")
    print("building", flush=True)
    select.select([sys.stdin], [], [], float(sys.argv[2]))
    staging.good = True
"""


@contextmanager
def building(settings: Settings, table: str, seconds: float = 2) -> Iterator[subprocess.Popen[str]]:
    """A build of another process, past its copy: `seconds` of work, fewer when left, and seen to its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, table, str(seconds)],
        env=dict(settings.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "building\n", process.communicate()[1]
        yield process
        assert process.stdin
        process.stdin.close()
        process.stdin = None
        assert process.wait(timeout=60) == 0, process.communicate()[1]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def loaded(duckdb_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(duckdb_settings, write_raw(tmp_path / "first", {"shopify/items.csv": "id\n1\n"}))
    return duckdb_settings


def test_a_load_during_a_build_waits_and_is_kept(loaded: Settings, tmp_path: Path) -> None:
    more = write_raw(tmp_path / "more", {"shopify/items.csv": "id\n2\n"})
    with building(loaded, "one"):
        load_folder(loaded, more, append=True)
    assert rows_of(loaded, "shopify", "items") == [{"id": "1"}, {"id": "2"}]
    assert rows_of(loaded, "built", "one") == [{"done": 1}]


def test_who_does_not_wait_is_told_and_changes_nothing(loaded: Settings, tmp_path: Path) -> None:
    more = write_raw(tmp_path / "more", {"shopify/items.csv": "id\n2\n"})
    with building(loaded, "one", seconds=60), pytest.raises(WarehouseBusy):
        load_folder(replace(loaded, lock_wait=0.2), more, append=True)
    assert rows_of(loaded, "shopify", "items") == [{"id": "1"}]


def test_two_builds_follow_each_other_and_lose_nothing(loaded: Settings) -> None:
    with building(loaded, "one"), building(loaded, "two"):
        pass
    assert rows_of(loaded, "built", "one") == rows_of(loaded, "built", "two") == [{"done": 1}]
    assert rows_of(loaded, "shopify", "items") == [{"id": "1"}]


def test_publishing_keeps_the_warehouse_held_until_it_is_done(loaded: Settings) -> None:
    publish_read_copy(loaded)
    with staged_build(loaded) as staging:
        staging.good = False
        with pytest.raises(AssertionError, match="lock"):
            open_elsewhere(loaded)
    assert rows_of(loaded, "shopify", "items") == [{"id": "1"}]


def open_elsewhere(settings: Settings) -> None:
    """Open the file from another process, which fails while this one holds it."""
    path = open_warehouse(settings).path  # type: ignore[attr-defined]
    code = f"import duckdb; duckdb.connect({str(path)!r})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
