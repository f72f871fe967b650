"""`kith load`, then `kith build`, on tables as ragged as real warehouses have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.path.ragged import DIGEST, TABLES
from tests.support.raw import rows_of, write_raw
from tests.support.sources import accounting

pytestmark = [pytest.mark.build, pytest.mark.slow]

RAW_ROWS = {
    ("segment", "pages"): (4, 2, 1, 1),
    ("shopify", "customer"): (3, 2, 1, 0),
    ("shopify", "order"): (4, 2, 1, 1),
    ("hubspot", "contact"): (3, 3, 0, 0),
    ("hubspot", "contact_merge_audit"): (1, 1, 0, 0),
    ("zendesk", "user"): (2, 2, 0, 0),
    ("zendesk", "ticket"): (2, 1, 1, 0),
}


@pytest.fixture
def ragged(any_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(any_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(any_settings)
    assert report.succeeded, describe_failures(report)
    absent = [note for note in report.notes if "contact without" in note]
    assert len(absent) == 1, "an absent optional column is said, and once"
    return any_settings


def test_ragged_tables_build_and_every_row_is_accounted_for(ragged: Settings) -> None:
    assert accounting(ragged) == RAW_ROWS
    loads = {
        str(row["loaded_on"]): [row[f"{kind}_rows"] for kind in ("raw", "staged", "quarantined", "duplicate")]
        for row in rows_of(ragged, "staging", "raw_accounting")
        if row["table"] == "order"
    }
    assert loads == {"2026-03-02": [3, 1, 1, 1], "2026-03-09": [1, 1, 0, 0]}

    refused = {(row["table"], row["reason"]) for row in rows_of(ragged, "staging", "quarantined_records")}
    assert refused == {
        ("pages", "timestamp: not a time"),
        ("customer", "id: missing"),
        ("order", "total_price: not a number"),
        ("ticket", "created_at: not a time"),
    }

    identifiers = rows_of(ragged, "marts", "person_identifiers")
    digests = [row for row in identifiers if row["identifier_value"] == DIGEST]
    assert digests
    assert {row["status"] for row in digests} == {"quarantined"}

    people = {
        (row["source"], row["record_type"], row["record_id"]): row["person_id"]
        for row in rows_of(ragged, "marts", "person_records")
    }
    # Only what shares a true identifier is one: the digest joins nobody.
    bo = people["shopify", "customer", "8"]
    assert people["shopify", "order", "100"] == bo
    assert people["zendesk", "user", "9001"] == bo
    assert people["hubspot", "contact", "501"] != people["hubspot", "contact", "502"]
    assert ("zendesk", "user", "9002") not in people
    assert ("hubspot", "contact", "503") not in people

    orders = {row["order_id"]: row for row in rows_of(ragged, "marts", "orders")}
    assert orders["100"]["person_id"] == bo
    assert str(orders["100"]["financial_status"]) == "refunded"
