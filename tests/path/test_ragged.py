"""`kith load`, then `kith build`, on tables as ragged as real warehouses have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.doctor import examine
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.path.ragged import DIGEST, TABLES
from tests.support.raw import rows_of, write_raw
from tests.support.sources import UNIT_TESTS, accounting

pytestmark = [pytest.mark.build, pytest.mark.slow]

RAW_ROWS = {
    ("segment", "pages"): (4, 2, 1, 1),
    ("shopify", "customer"): (5, 4, 1, 0),
    ("shopify", "order"): (8, 3, 4, 1),
    ("hubspot", "contact"): (3, 3, 0, 0),
    ("hubspot", "contact_merge_audit"): (1, 1, 0, 0),
    ("zendesk", "user"): (2, 2, 0, 0),
    ("zendesk", "ticket"): (2, 1, 1, 0),
}

KINDS = ("quarantined", "invalid", "unused", "marked", "unconverted")


@pytest.fixture
def ragged(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(source_settings, exclude=UNIT_TESTS)
    assert report.succeeded, describe_failures(report)
    absent = [note for note in report.notes if "contact without" in note]
    assert len(absent) == 1, "an absent optional column is said, and once"
    return source_settings


def test_ragged_tables_build_and_every_row_is_accounted_for(ragged: Settings) -> None:
    assert accounting(ragged) == RAW_ROWS
    loads = {
        str(row["loaded_on"]): [row[f"{kind}_rows"] for kind in ("raw", "staged", "quarantined", "duplicate")]
        for row in rows_of(ragged, "staging", "raw_accounting")
        if row["table"] == "order"
    }
    assert loads == {"2026-03-02": [7, 2, 4, 1], "2026-03-09": [1, 1, 0, 0]}

    refused = {(row["table"], row["reason"]) for row in rows_of(ragged, "staging", "quarantined_records")}
    assert refused == {
        ("pages", "timestamp: not a time"),
        ("customer", "id: missing"),
        ("order", "total_price: not a number"),
        ("order", "total_price: negative"),
        ("order", "processed_at: in the future"),
        ("order", "processed_at: not a time"),
        ("ticket", "created_at: not a time"),
    }
    check_what_the_doctor_says(ragged)

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
    assert (str(orders["104"]["original_gross_amount"]), orders["104"]["is_converted"]) == ("7.00", False)


def check_what_the_doctor_says(ragged: Settings) -> None:
    """Each kind of bad value is counted with its reason, and none is quoted."""
    checks = [check for check in examine(ragged) if check.area in KINDS]
    assert {(check.area, check.subject, check.note) for check in checks} == {
        ("quarantined", "segment.pages", "1 timestamp: not a time"),
        ("quarantined", "shopify.customer", "1 id: missing"),
        ("quarantined", "shopify.order", "1 processed_at: in the future"),
        ("quarantined", "shopify.order", "1 processed_at: not a time"),
        ("quarantined", "shopify.order", "1 total_price: negative"),
        ("quarantined", "shopify.order", "1 total_price: not a number"),
        ("quarantined", "zendesk.ticket", "1 created_at: not a time"),
        ("invalid", "hubspot.email", "2 not an address"),
        ("invalid", "shopify.email", "3 not an address"),
        ("invalid", "shopify.email", "1 not well formed"),
        ("invalid", "shopify.phone", "1 wrong length"),
        ("unused", "family_name", "1 a digest"),
        ("unused", "given_name", "1 a digest"),
        ("marked", "shopify.customer", "1 values held a NUL byte, kept as U+FFFD"),
        ("unconverted", "orders", "1 no exchange rate for their currency"),
    }
