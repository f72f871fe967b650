"""Square alone: tills that know few customers, in the shape of a loader that leaves JSON in its columns."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]

AT = "2026-03-01T10:00:00Z"
LOADED = "2026-03-02 00:00:00"


def table(header: str, *rows: tuple[object, ...]) -> str:
    """CSV text; a mapping becomes JSON, and each row ends with when it was loaded."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*header.split(), "_airbyte_extracted_at"])
    for row in rows:
        cells = [json.dumps(cell) if isinstance(cell, dict) else cell for cell in row]
        writer.writerow([*cells, LOADED])
    return text.getvalue()


def euros(cents: object) -> dict[str, object]:
    return {"amount": cents, "currency": "EUR"}


def card(fingerprint: str) -> dict[str, object]:
    return {"status": "CAPTURED", "card": {"fingerprint": fingerprint, "last_4": "1111"}}


AHEAD = "2199-03-01T10:00:00Z"
SORIA = {"locality": "Soria"}
LEFT = {"email_unsubscribed": True}
PAYMENT = (
    "id order_id customer_id status source_type amount_money card_details buyer_email_address created_at"
)
TABLES = {
    "square/customers.csv": table(
        "id given_name family_name email_address phone_number birthday address preferences created_at"
        " updated_at",
        ("C1", "Ana", "Ruiz", "ana@example.com", "600123124", "0000-05-01", SORIA, LEFT, AT, ""),
        ("C2", "Luis", "Gil", "0cc175b9c0f1b6a831c399e269772661", "", "1980-05-01", {}, {}, AT, AHEAD),
    ),
    "square/payments.csv": table(
        PAYMENT,
        ("P1", "O1", "C1", "COMPLETED", "CARD", euros(1250), card("card-a"), "", AT),
        ("P2", "O2", "", "COMPLETED", "CARD", euros(800), card("card-a"), "", AT),
        ("P3", "O3", "", "COMPLETED", "CASH", euros(500), {}, "", AT),
        ("P4", "O4", "", "COMPLETED", "CARD", euros(3000), card("card-b"), " ANA@example.com", AT),
        ("P5", "O4", "", "COMPLETED", "CARD", euros(1000), card("card-c"), "", AT),
        ("P6", "O5", "C1", "COMPLETED", "CARD", euros(100), card("card-f"), "", AT),
        ("P7", "O6", "C2", "COMPLETED", "CARD", euros(100), card("card-f"), "", AT),
        ("P8", "O7", "", "FAILED", "CARD", euros(700), card("card-d"), "", AT),
        ("P9", "O8", "", "COMPLETED", "CASH", "{broken", "{broken", "", AT),
        ("P10", "O8", "", "COMPLETED", "CASH", euros("12.5"), {}, "", AT),
        ("P1", "O1", "C1", "APPROVED", "CARD", euros(1250), card("card-a"), "", AT),
    ),
    "square/orders.csv": table(
        "id customer_id state total_money source location_id created_at",
        ("O1", "C1", "COMPLETED", euros(1250), {"name": "Till"}, "L1", AT),
        ("O2", "", "COMPLETED", euros(800), {}, "L1", AT),
        ("O3", "", "COMPLETED", euros(500), {}, "L1", AT),
        ("O4", "", "COMPLETED", euros(4000), {"name": "Square Online"}, "L1", AT),
        ("O7", "", "CANCELED", euros(700), {}, "L1", AT),
        ("O9", "", "COMPLETED", {"amount": 1500, "currency": "JPY"}, {}, "L1", AT),
        ("O10", "C1", "DRAFT", euros(900), {}, "L1", AT),
        ("O11", "C1", "COMPLETED", euros(-1), {}, "L1", AT),
        ("O12", "C2", "COMPLETED", euros(900), {}, "L1", AHEAD),
        ("O13", "C2", "COMPLETED", {"amount": 900, "currency": "eur "}, {}, "L1", AT),
    ),
    "square/refunds.csv": table(
        "id order_id payment_id amount_money status created_at",
        ("R1", "O1", "P1", euros(250), "COMPLETED", AT),
        ("R2", "O2", "P2", euros(800), "FAILED", AT),
        ("R3", "O1", "P1", euros(-300), "COMPLETED", AT),
    ),
    "square/loyalty_accounts.csv": table(
        "id customer_id mapping created_at", ("L-77", "", {"phone_number": "+34600123124"}, AT)
    ),
    "square/loyalty_events.csv": table(
        "id loyalty_account_id accumulate_points created_at", ("E1", "L-77", {"order_id": "O9"}, AT)
    ),
}


@pytest.fixture
def square(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(source_settings, variables=only("square"), exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_tills_alone_build_and_tie_sales_to_people(square: Settings) -> None:
    assert accounting(square) == {
        ("square", "customers"): (2, 2, 0, 0),
        ("square", "payments"): (11, 8, 2, 1),
        ("square", "orders"): (10, 8, 2, 0),
        ("square", "refunds"): (3, 2, 1, 0),
        ("square", "loyalty_accounts"): (1, 1, 0, 0),
        ("square", "loyalty_events"): (1, 1, 0, 0),
    }
    refused = {(row["record_id"], row["reason"]) for row in rows_of(square, "staging", "quarantined_records")}
    assert refused == {
        ("P9", "amount_money_amount: missing"),
        ("P10", "amount_money_amount: not a whole number"),
        ("O11", "total_money: negative"),
        ("R3", "amount_money: negative"),
        ("O12", "created_at: in the future"),
    }
    orders = {row["order_id"]: row for row in rows_of(square, "marts", "orders")}
    people = {
        (row["record_type"], row["record_id"]): row["person_id"]
        for row in rows_of(square, "marts", "person_records")
    }
    ana = people["customer", "C1"]
    # By customer id, by her card, by the receipt of who paid most, by her loyalty card and its phone.
    assert [key for key in sorted(orders) if orders[key]["person_id"] == ana] == ["O1", "O2", "O4", "O9"]
    # A card that two customers used ties nobody; a cash sale is nobody's; who paid the rest is someone else.
    assert people["customer", "C2"] != ana
    assert orders["O3"]["person_id"] is None
    assert ("payment", "P3") not in people
    assert people["payment", "P5"] != ana

    first = orders["O1"]
    assert (str(first["gross_amount"]), str(first["net_amount"])) == ("12.50", "10.00")
    assert first["financial_status"] == "partially_refunded"
    assert {key: orders[key]["channel"] for key in ("O1", "O4")} == {"O1": "pos", "O4": "online"}
    assert orders["O7"]["is_purchase"] is False
    assert str(orders["O9"]["original_gross_amount"]) == "1500.00"

    # Small letters or capitals, it is the same money; what lies ahead counts not, nor was anyone seen then.
    luis = next(row for row in rows_of(square, "marts", "profiles") if row["family_name"] == "Gil")
    assert (luis["orders_count"], str(luis["net_revenue"])) == (1, "9.00")
    assert orders["O13"]["original_currency"] == "EUR"
    seen = [row["last_seen_at"] for row in rows_of(square, "marts", "person_records") if row["last_seen_at"]]
    assert max(seen).isoformat() < LOADED

    refusals = rows_of(square, "marts", "consents")
    assert [(row["person_id"], row["contact_point"], row["state"]) for row in refusals] == [
        (ana, "ana@example.com", "denied")
    ]

    events = [row["event_type"] for row in rows_of(square, "marts", "person_events")]
    assert sorted(set(events)) == ["Order Cancelled", "Order Completed", "Order Refunded"]
    payments = {row["payment_id"]: row for row in rows_of(square, "marts", "payments")}
    assert {key: payments[key]["status"] for key in ("P3", "P8")} == {"P3": "succeeded", "P8": "failed"}
    assert [key for key in sorted(payments) if payments[key]["person_id"] == ana] == ["P1", "P2", "P4", "P6"]
    assert (payments["P4"]["order_id"], str(payments["P4"]["amount"])) == ("O4", "30.00")
    profile = next(row for row in rows_of(square, "marts", "profiles") if row["person_id"] == ana)
    assert (profile["given_name"], profile["city"], profile["birth_date"]) == ("Ana", "Soria", None)
