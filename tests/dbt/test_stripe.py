"""Stripe alone: charges of customers and guests, gifts among them, in the shape of Fivetran."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]

AT = "2026-03-01 10:00:00"
SYNCED = "2026-03-02 00:00:00"
DIGEST = "0cc175b9c0f1b6a831c399e269772661"
GIFT = '{"type": "Donation"}'
NESTED = {"payment_method_details": {"type": "card", "card": {"fingerprint": "finger-b"}}}
CHARGE = (
    "id customer_id amount amount_refunded currency status captured receipt_email "
    "payment_intent_id invoice_id card_id metadata livemode created billing_details payment_method_details"
)


def table(header: str, *rows: tuple[object, ...], synced: str = "_fivetran_synced") -> str:
    """CSV text; a mapping becomes JSON, and each row ends with when it was loaded."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*header.split(), synced])
    for row in rows:
        writer.writerow([*(json.dumps(cell) if isinstance(cell, dict) else cell for cell in row), SYNCED])
    return text.getvalue()


def charge(charge_id: str, **given: object) -> tuple[object, ...]:
    """A charge of 10 euros that succeeded, otherwise as given."""
    usual = {"id": charge_id, "amount": 1000, "amount_refunded": 0, "currency": "eur", "status": "succeeded"}
    row: dict[str, object] = {**usual, "captured": "true", "livemode": "true", "created": AT, **given}
    return tuple(row.get(name, "") for name in CHARGE.split())


TABLES = {
    "stripe/customer.csv": table(
        "id email phone name address_city metadata is_deleted livemode created",
        ("cus_1", "ana@example.com", "600123124", "Ana Ruiz Gil", "Soria", {"site_id": "u7"}, "", "true", AT),
        ("cus_2", DIGEST, "", "", "", "", "false", "true", AT),
        ("cus_3", "gone@example.com", "", "", "", "", "true", "true", AT),
        ("cus_4", "trial@example.com", "", "", "", "", "false", "false", AT),
    ),
    "stripe/charge.csv": table(
        CHARGE,
        charge("ch_plain", customer_id="cus_1", card_id="card_1"),
        charge("ch_part", customer_id="cus_1", amount_refunded=250),
        charge("ch_back", customer_id="cus_1", amount_refunded="", payment_intent_id="pi_1"),
        charge("ch_failed", customer_id="cus_2", status="failed", captured="false", receipt_email=DIGEST),
        charge("ch_held", customer_id="cus_1", captured="false"),
        charge("ch_let_go", customer_id="cus_1", captured="false", amount_refunded=1000),
        charge("ch_lost", customer_id="cus_1"),
        charge("ch_won", customer_id="cus_1"),
        charge("ch_guest", receipt_email=" Ana@Example.com", metadata=json.dumps(GIFT), amount_refunded=100),
        charge("ch_guest_card", card_id="card_1"),
        charge("ch_guest_method", payment_intent_id="pi_2"),
        charge("ch_monthly", customer_id="cus_2", invoice_id="in_1"),
        charge("ch_gift_back", customer_id="cus_1", metadata=GIFT, amount_refunded=1000),
        charge("ch_yen", currency="jpy"),
        charge("ch_uganda", currency="ugx", amount=50000),
        charge("ch_kuwait", currency="kwd", amount=5120),
        # As the interface itself says it, and loaders that leave it so: seconds, and values in values.
        charge("ch_nested", created=1772359200, billing_details={"email": "eva@example.com"}, **NESTED),
        charge("ch_never", created="soon"),
        charge("ch_ahead", created="2027-01-01 00:00:00"),
        charge("ch_trial", customer_id="cus_1", livemode="false"),
        charge("ch_ragged", amount="12.5"),
        charge("ch_plain", customer_id="cus_1", card_id="card_1"),
    ),
    "stripe/card.csv": table("id customer_id fingerprint", ("card_1", "cus_1", "finger-a")),
    "stripe/payment_method.csv": table(
        "id customer_id type billing_detail_email billing_detail_name livemode created",
        ("pm_1", "cus_1", "sepa_debit", "ana.ruiz@example.org", "Ana Ruiz", "true", AT),
        ("pm_2", "", "card", "", "", "true", AT),
    ),
    "stripe/payment_method_card.csv": table("payment_method_id fingerprint", ("pm_3", "finger-a")),
    "stripe/payment_intent.csv": table(
        "id payment_method_id livemode created", ("pi_1", "pm_1", "true", AT), ("pi_2", "pm_3", "true", AT)
    ),
    "stripe/invoice.csv": table(
        "id customer_id subscription_id currency total status livemode created",
        ("in_1", "cus_2", "sub_1", "eur", 1000, "paid", "true", AT),
        ("in_2", "cus_1", "", "eur", 500, "draft", "true", AT),
        ("in_3", "cus_1", "", "eur", 500, "paid", "false", AT),
    ),
    "stripe/refund.csv": table(
        "id charge_id amount currency status created",
        ("re_1", "ch_back", 1000, "eur", "succeeded", AT),
        ("re_2", "ch_part", 250, "eur", "succeeded", AT),
        ("re_3", "ch_plain", 1000, "eur", "failed", AT),
        ("re_4", "ch_trial", 1000, "eur", "succeeded", AT),
    ),
    "stripe/dispute.csv": table(
        "id charge_id amount currency status metadata livemode created",
        ("du_1", "ch_lost", 1000, "eur", "lost", "", "true", AT),
        ("du_2", "ch_won", 1000, "eur", "won", json.dumps('{"note": "x"}'), "true", AT),
    ),
    "stripe/subscription_history.csv": table(
        "id customer_id status metadata start_date ended_at livemode _fivetran_active _fivetran_start",
        ("sub_1", "cus_2", "active", '{"donation": "TRUE"}', AT, "", "true", "false", "2026-01-01 00:00:00"),
        ("sub_1", "cus_2", "canceled", '{"donation": "TRUE"}', AT, AT, "true", "true", "2026-02-01 00:00:00"),
    ),
}


@pytest.fixture
def stripe(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(
        source_settings,
        variables=only("stripe", stripe={"user_id_metadata": ["site_id"]}),
        exclude=TESTS,
    )
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_charges_alone_build_and_are_payments_and_gifts_of_people(stripe: Settings) -> None:
    assert accounting(stripe) == {
        ("stripe", "customer"): (4, 3, 1, 0),
        ("stripe", "charge"): (22, 17, 4, 1),
        ("stripe", "card"): (1, 1, 0, 0),
        ("stripe", "payment_method"): (2, 2, 0, 0),
        ("stripe", "payment_method_card"): (1, 1, 0, 0),
        ("stripe", "payment_intent"): (2, 2, 0, 0),
        ("stripe", "invoice"): (3, 2, 1, 0),
        ("stripe", "refund"): (4, 4, 0, 0),
        ("stripe", "dispute"): (2, 2, 0, 0),
        ("stripe", "subscription_history"): (2, 1, 0, 1),
    }
    refused = {(row["record_id"], row["reason"]) for row in rows_of(stripe, "staging", "quarantined_records")}
    assert refused == {
        ("cus_4", "livemode: a trial"),
        ("ch_trial", "livemode: a trial"),
        ("in_3", "livemode: a trial"),
        ("ch_ragged", "amount: not a whole number"),
        ("ch_never", "created: not a time"),
        ("ch_ahead", "created: in the future"),
    }
    check_payments(stripe)
    check_gifts(stripe)
    check_people(stripe)
    check_events(stripe)


def check_payments(stripe: Settings) -> None:
    payments = {row["payment_id"]: row for row in rows_of(stripe, "marts", "payments")}
    statuses = {key.removeprefix("ch_"): row["status"] for key, row in payments.items()}
    assert {key: status for key, status in statuses.items() if status != "succeeded"} == {
        "back": "refunded",
        "failed": "failed",
        "held": "pending",
        "let_go": "failed",
        "lost": "disputed",
        "gift_back": "refunded",
    }
    assert (str(payments["ch_part"]["refunded_amount"]), payments["ch_part"]["original_currency"]) == (
        "2.50",
        "EUR",
    )
    assert {key: payments[key]["method"] for key in ("ch_plain", "ch_guest_method", "ch_back", "ch_yen")} == {
        "ch_plain": "card",
        "ch_guest_method": "card",
        "ch_back": "sepa_debit",
        "ch_yen": None,
    }
    minor = {key: str(payments[key]["original_amount"]) for key in ("ch_yen", "ch_uganda", "ch_kuwait")}
    assert minor == {"ch_yen": "1000.00", "ch_uganda": "500.00", "ch_kuwait": "5.12"}

    nested = next(
        row for row in rows_of(stripe, "staging", "stg_stripe__charges") if row["record_id"] == "ch_nested"
    )
    assert str(nested["paid_at"]) == "2026-03-01 10:00:00"
    told = (nested["billing_email"], nested["method"], nested["card_fingerprint"])
    assert told == ("eva@example.com", "card", "finger-b")


def check_gifts(stripe: Settings) -> None:
    gifts = {row["gift_id"]: str(row["amount"]) for row in rows_of(stripe, "marts", "gifts")}
    # By its own metadata, encoded twice, less what went back; by its subscription's.
    assert gifts == {"ch_guest": "9.00", "ch_monthly": "10.00"}


def check_people(stripe: Settings) -> None:
    people = {
        (row["record_type"], row["record_id"]): row["person_id"]
        for row in rows_of(stripe, "marts", "person_records")
    }
    ana = people["customer", "cus_1"]
    # By her id, by the address of a receipt, by her card alone.
    for record in ("ch_plain", "ch_guest", "ch_guest_card", "ch_guest_method"):
        assert people["charge", record] == ana
    assert people["payment_method", "pm_1"] == ana
    assert people["charge", "ch_failed"] == people["customer", "cus_2"] != ana
    assert ("customer", "cus_3") not in people
    assert ("payment_method", "pm_2") not in people
    assert ("charge", "ch_yen") not in people

    identifiers = rows_of(stripe, "staging", "stg_stripe__identifiers")
    assert {row["identifier_value"] for row in identifiers if not row["is_valid"]} == {DIGEST}
    assert [row["record_id"] for row in identifiers if row["identifier_type"] == "user_id"] == ["cus_1"]
    profile = next(row for row in rows_of(stripe, "marts", "profiles") if row["person_id"] == ana)
    assert (profile["given_name"], profile["family_name"], profile["city"]) == ("Ana", "Ruiz Gil", "Soria")
    assert profile["orders_count"] == 0


def check_events(stripe: Settings) -> None:
    told = rows_of(stripe, "staging", "stg_stripe__events")
    assert Counter(row["event_type"] for row in told) == {
        "Payment Succeeded": 14,
        "Payment Failed": 1,
        "Payment Refunded": 2,
        "Payment Disputed": 2,
        "Invoice Issued": 1,
        "Invoice Paid": 1,
        "Subscription Started": 1,
        "Subscription Cancelled": 1,
    }
    monthly = next(row for row in told if row["event_id"] == "payment|ch_monthly")
    assert json.loads(monthly["properties"]) == {
        "payment_id": "ch_monthly",
        "invoice_id": "in_1",
        "subscription_id": "sub_1",
        "amount": 10.0,
        "currency": "EUR",
        "is_donation": True,
    }
