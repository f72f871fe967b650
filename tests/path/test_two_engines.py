from __future__ import annotations

from pathlib import Path

import pytest

from kith.identity.evaluate import evaluate
from reverse_etl.settings import Settings
from tests.support.tables import difference, read_table, table_names

pytestmark = [pytest.mark.build, pytest.mark.slow]

MARTS = {
    "person_records",
    "person_identifiers",
    "person_aliases",
    "identity_changes",
    "profiles",
    "orders",
    "gifts",
    "carts",
    "sessions",
    "tickets",
    "leads",
    "consents",
    "person_events",
    "audience_members",
}


@pytest.mark.parametrize("schema", ["marts", "activation", "staging"])
def test_both_engines_hold_the_same_rows(
    schema: str, built_duckdb: Settings, built_postgres: Settings
) -> None:
    tables = table_names(built_duckdb, schema)
    assert tables == table_names(built_postgres, schema)
    assert tables
    differences = [difference(built_duckdb, built_postgres, schema, table) for table in tables]
    assert [found for found in differences if found] == []


def test_the_promised_marts_are_there_and_hold_rows(built_duckdb: Settings) -> None:
    assert set(table_names(built_duckdb, "marts")) >= MARTS
    empty = {name for name in MARTS - {"person_aliases"} if not read_table(built_duckdb, "marts", name)[1]}
    assert not empty


def test_every_raw_row_is_accounted_for(built: Settings) -> None:
    columns, rows = read_table(built, "staging", "raw_accounting")
    lost = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [row for row in lost if row["unaccounted_rows"]] == []
    assert sum(int(row["quarantined_rows"]) for row in lost) > 0
    assert sum(int(row["duplicate_rows"]) for row in lost) > 0


def test_people_are_found_with_precision(built: Settings, demo_folder: Path) -> None:
    found = evaluate(built, demo_folder / "truth.csv")
    assert found.precision >= 0.99
    assert found.recall >= 0.9
