"""`kith load` and `kith identity evaluate` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.cli import run_kith
from tests.support.raw import write_raw

FILES = {"shopify/items.csv": "id\n1\n2\n", "shopify/more.csv": "id\n", "zendesk/group_names.csv": "id\n1\n"}


def test_load_says_a_line_a_schema_and_the_sum(duckdb_settings: Settings, tmp_path: Path) -> None:
    ran = run_kith(duckdb_settings, "load", str(write_raw(tmp_path / "raw", FILES)))
    assert ran.returncode == 0
    assert [" ".join(line.split()) for line in ran.stdout.splitlines()] == [
        "shopify 2 tables 2 rows",
        "zendesk 1 tables 1 rows",
        "shopify/more.csv has columns and no rows",
        "load 3 tables from 2 sources 3 rows",
    ]


def test_load_in_json_is_the_functions_report(duckdb_settings: Settings, tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "raw", FILES)
    ran = run_kith(duckdb_settings, "load", str(folder), "--json")
    found = json.loads(ran.stdout)
    report = load_folder(duckdb_settings, folder)
    assert found["rows"] == report.rows == 3
    assert [table["table"] for table in found["tables"]] == [table.table for table in report.tables]


def test_a_bad_file_leaves_with_one_message_and_code_1(duckdb_settings: Settings, tmp_path: Path) -> None:
    ran = run_kith(
        duckdb_settings, "load", str(write_raw(tmp_path / "raw", {"shopify/items.csv": "id\n1,2\n"}))
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[0] == (
        "shopify/items.csv:2  the row has 2 fields, the header 1. Nothing was loaded."
    )
    assert "Traceback" not in ran.stderr


def test_a_folder_that_does_not_exist_leaves_with_code_2(duckdb_settings: Settings, tmp_path: Path) -> None:
    ran = run_kith(duckdb_settings, "load", str(tmp_path / "nowhere"))
    assert ran.returncode == 2
    assert "does not exist" in ran.stderr


def test_evaluate_without_a_warehouse_says_what_to_run(duckdb_settings: Settings, tmp_path: Path) -> None:
    write_raw(tmp_path, {"truth.csv": "source,record_type,record_id,entity_id\n"})
    ran = run_kith(duckdb_settings, "identity", "evaluate", str(tmp_path / "truth.csv"))
    assert ran.returncode == 1
    assert "kith build" in ran.stderr
