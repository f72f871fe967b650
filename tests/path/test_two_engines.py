from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.identity.evaluate import evaluate
from kith.load import load_folder
from reverse_etl.api.run import run_sync
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from tests.conftest import EACH_ALONE
from tests.path.conftest import EVERY_SOURCE
from tests.support.raw import write_raw
from tests.support.sources import TESTS
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
    "payments",
    "carts",
    "sessions",
    "tickets",
    "leads",
    "email_engagements",
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


@pytest.mark.parametrize("engine", EACH_ALONE)
def test_syncs_carry_the_same_then_nothing_then_one_changed_profile(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Last in this file: it changes the warehouse, the same way on each engine."""
    built: Settings = request.getfixturevalue(f"built_{engine}")
    with Sandbox() as sandbox:
        first = run_sync(built, "hubspot_contacts", sandbox=sandbox)
        contacts = sandbox.truth()["contacts"].values()
        assert first.ok
        assert first.delivered == first.planned == len(contacts) > 100
        assert first.held["no consent"] > 0
        held = read_table(built, "marts", "consents")
        person, purpose, state = (held[0].index(name) for name in ("person_id", "purpose", "state"))
        granted = {row[person] for row in held[1] if (row[purpose], row[state]) == ("marketing", "granted")}
        assert {contact["kith_person_id"] for contact in contacts} <= granted

        asked = sandbox.truth()["requests"]
        second = run_sync(built, "hubspot_contacts", sandbox=sandbox)
        assert (second.planned, second.delivered) == (0, 0)
        assert sandbox.truth()["requests"] == asked

        load_folder(built, later_order(built, tmp_path), append=True)
        report = build(built, select=["+sync_hubspot__contacts"], exclude=TESTS, variables=EVERY_SOURCE)
        assert report.succeeded, describe_failures(report)
        third = run_sync(built, "hubspot_contacts", sandbox=sandbox)
        assert (third.planned, third.delivered, third.changed) == (1, 1, 1)
        assert run_sync(built, "hubspot_contacts", sandbox=sandbox).planned == 0


def later_order(settings: Settings, folder: Path) -> Path:
    """One more order of Ana Ruiz's, who may be written to: a row that a loader brings later."""
    row = {
        "id": "990001",
        "_fivetran_synced": "2026-11-20 08:59:00",
        "customer_id": "7731",
        "email": "ana@example.com",
        "created_at": "2026-11-20 08:30:00",
        "processed_at": "2026-11-20 08:30:00",
        "updated_at": "2026-11-20 08:30:00",
        "currency_code": "EUR",
        "display_financial_status": "PAID",
        "source_name": "pos",
        "test": "false",
        "total_price_set_shop_amount": "31.00",
        "total_price_set_shop_currency_code": "EUR",
    }
    return write_raw(folder, {"shopify/order.csv": f"{','.join(row)}\n{','.join(row.values())}\n"})
