"""Staging reads hard values, native and textual, alike on both engines, and refuses with a reason."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email

from kith.build import build
from kith.build.run import describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import make_settings
from tests.support.postgres import PostgresServer
from tests.support.raw import write_raw
from tests.support.tables import difference, table_names

pytestmark = pytest.mark.build

TIMES = {
    "2026-01-02 03:04:05": datetime(2026, 1, 2, 3, 4, 5),
    "2026-01-02 3:04:05": datetime(2026, 1, 2, 3, 4, 5),
    "2026-01-02T03:04:05.678 ": datetime(2026, 1, 2, 3, 4, 5, 678000),
    "2026-01-02T03:04:05.123456789Z": datetime(2026, 1, 2, 3, 4, 5, 123456),
    "2026-01-02T03:04:05+02:00": datetime(2026, 1, 2, 1, 4, 5),
    "2026-01-02 03:04:05 -0330": datetime(2026, 1, 2, 6, 34, 5),
    "2026-01-02 03:04:05+14": datetime(2026, 1, 1, 13, 4, 5),
    "2026-01-02 03:04:05 UTC": datetime(2026, 1, 2, 3, 4, 5),
    "2026-01-02 03:04": datetime(2026, 1, 2, 3, 4),
    "2026-01-02": datetime(2026, 1, 2),
    "2026-02-30": None,
    "2026-01-02 24:00:00": None,
    "2026-01-02 03:04:60": None,
    "now": None,
    "infinity": None,
    "epoch": None,
    "02/01/2026": None,
    "1767323045": None,
}
EMAILS = (
    "ana@example.com", " ANA@Example.com ", "ana+news@gmail.com", "a.n.a@googlemail.com", "info@españa.es",
    "o'neil@example.com", "ana@sub.example.org", "x@xn--espaa-rta.es", "ana@exam_ple.com", "ana@",
    "@example.com",
    "ana@example", "ana@@example.com", "ana@exa mple.com", "ana.@example.com", ".ana@example.com",
    "a..b@example.com", "ana@-example.com", "ana@example-.com", "ana@example..com", "ana@example.c",
    "ana,b@example.com", "ana@example.com,bo@example.com", "ana@[127.0.0.1]", "ana\tb@example.com",
    "d41d8cd98f00b204e9800998ecf8427e", "n/a", "a" * 65 + "@example.com", "ana@" + "b" * 250 + ".com",
    "ÁNA@EXAMPLE.COM", "ana@example.123", 'a"b@example.com', "ana\\b@example.com",
)  # fmt: skip
# The library lets these through unless told to be strict; no server has them.
STRICTER = ("ana@example.c", "a" * 65 + "@example.com")
PHONES = (
    "612 345 678", "+34612345678", "0034 612-345-678", "34612345678", "(+44) (0)20 7946 0018",
    "612345678 ext 9", "000000000", "123456789", "call me", "+1 555 123 0042", "12", "+", "ñ",
    "６１２３４５６７８", "++34612345678",
)  # fmt: skip
NAMES = ("Ana Ruiz", " Ana\t María  Ruiz ", 'O\'Neil "Tim"', "back\\slash", "漢字", "test", "ana@example.com")


def zendesk_users() -> str:
    """One user a value: ids t0… by time, e0… by e-mail, p0… by phone, n0… by name; then what came twice."""
    text = io.StringIO()
    write = csv.writer(text).writerow
    write(["Id", "role", "created_at", "email", "phone", "name", "_dlt_load_id", "own_column"])
    day = "2026-01-01"
    for number, value in enumerate(TIMES):
        write([f"t{number}", "end-user", value, "", "", "", "1780000000.5", ""])
    for kind, values, place in (("e", EMAILS, 3), ("p", PHONES, 4), ("n", NAMES, 5)):
        for number, value in enumerate(values):
            row = [f"{kind}{number}", "end-user", day, "", "", "", "1780000000.5", ""]
            row[place] = value
            write(row)
    write(["capitals", "End-User", day, "capitals@example.com", "", "", "1780000000", ""])
    write(["twice", "end-user", day, "old@example.com", "", "", "1780000000.25", ""])
    write(["twice", "end-user", day, "new@example.com", "", "", "1780000001", ""])
    write(["twice", "end-user", "no day", "newest@example.com", "", "", "1780000002", ""])
    write(["  ", "end-user", day, "one@example.com", "", "", "1780000000", ""])
    write(["", "end-user", day, "two@example.com", "", "", "1780000000", ""])
    return text.getvalue()


def product_added() -> pa.Table:
    """Native types as loaders make them: floats for prices and ids, zoned times, a nested column."""
    moment = datetime(2026, 1, 2, 3, 4, 5)
    prices = [2.675, 0.1 + 0.2, 1e20, float("nan"), float("inf"), -1.0, None, 89.0]
    count = len(prices)
    return pa.table(
        {
            "id": pa.array([float(number) for number in range(count)]),
            "user_id": pa.array([9007199254740991] * count, pa.int64()),
            "timestamp": pa.array([moment] * count, pa.timestamp("us", "Europe/Madrid")),
            "received_at": pa.array([moment] * count, pa.timestamp("ms")),
            "price": pa.array(prices, pa.float64()),
            "quantity": pa.array([1, 2, 3, 4, 5, 6, 7, None], pa.int32()),
            "cart_id": pa.array([True] * count),
            "value": pa.array([Decimal("1.005")] * count, pa.decimal128(9, 3)),
            "extra": pa.array([{"deep": [1]}] * count),
        }
    )


RAW: dict[str, str | bytes | pa.Table] = {
    "zendesk/user.csv": zendesk_users(),
    "zendesk/ticket.csv": (
        "id,requester_id,status,created_at\n1,e0,Open,2026-01-01\n2,e0,Deleted,2026-01-01\n"
    ),
    "segment/product_added.parquet": product_added(),
    "segment/tracks.csv": (
        "id,event,event_text,anonymous_id,user_id,timestamp,received_at\n"
        '0,product_added,Product Added,,u,2026-01-02,2026-01-02\ntrack,"a ""b""",,d,,2026-01-02,2026-01-02\n'
    ),
}
OFF = {"enabled": False}
VARIABLES: dict[str, object] = {"zendesk": {"loader": "dlt"}, "shopify": OFF, "hubspot": OFF}


@pytest.fixture(scope="module")
def staged(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[dict[str, Settings]]:
    """The raw tables staged on each engine, two sources on and two off."""
    folder = write_raw(tmp_path_factory.mktemp("raw"), RAW)
    database = postgres_server.new_database(f"t_{uuid.uuid4().hex}")
    engines = {
        "duckdb": make_settings(tmp_path_factory.mktemp("duckdb"), "duckdb"),
        "postgres": make_settings(tmp_path_factory.mktemp("postgres"), "postgres", database),
    }
    for settings in engines.values():
        load_folder(settings, folder)
        report = build(settings, select=["path:models/staging"], variables=VARIABLES)
        assert report.succeeded, describe_failures(report, most=20)
    yield engines


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest, staged: dict[str, Settings]) -> Settings:
    return staged[request.param]


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(settings).connect() as connection:
        return connection.execute(sql)


def test_both_engines_stage_hard_values_alike(staged: dict[str, Settings]) -> None:
    names = table_names(staged["duckdb"], "staging")
    assert "base_zendesk__user" in names
    differences = [difference(staged["duckdb"], staged["postgres"], "staging", name) for name in names]
    assert [text for text in differences if text] == []


def test_a_source_that_is_off_has_no_table(engine: Settings) -> None:
    assert not [name for name in table_names(engine, "staging") if "shopify" in name or "hubspot" in name]


def test_iso_times_are_utc_and_other_words_are_quarantined(engine: Settings) -> None:
    found = {
        record: (at, reason)
        for record, at, reason in rows(
            engine,
            "select record_id, created_at, row_reason from staging.base_zendesk__user "
            "where record_id like 't%' and record_id <> 'twice'",
        )
    }
    for number, (text, expected) in enumerate(TIMES.items()):
        reason = None if expected else "created_at: not a time"
        assert found[f"t{number}"] == (expected, reason), text


def test_emails_are_judged_as_the_library_judges_them(engine: Settings) -> None:
    judged = rows(
        engine,
        "select record_id, is_valid from staging.stg_zendesk__identifiers where identifier_type = 'email' "
        "and record_id like 'e%'",
    )
    found = {EMAILS[int(record[1:])]: is_valid for record, is_valid in judged}
    expected = {text: library_accepts(text.strip()) and text not in STRICTER for text in EMAILS}
    assert found == expected


def library_accepts(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def test_the_last_loaded_good_row_of_a_key_counts(engine: Settings) -> None:
    found = rows(
        engine,
        "select email, row_status, row_reason from staging.base_zendesk__user where record_id = 'twice' "
        "order by loaded_at",
    )
    assert found == [
        ("old@example.com", "duplicate", "an older or equal row of the same key"),
        ("new@example.com", "staged", None),
        ("newest@example.com", "quarantined", "created_at: not a time"),
    ]


def test_refused_rows_without_an_id_can_be_told_apart(engine: Settings) -> None:
    found = rows(
        engine,
        "select row_hash from staging.quarantined_records where record_id is null and reason = 'id: missing'",
    )
    assert len({row[0] for row in found}) == len(found) == 2


def test_native_types_are_read_as_declared(engine: Settings) -> None:
    found = rows(
        engine,
        "select record_id, user_id, occurred_at, price, cart_id, cart_value, row_reason "
        "from staging.base_segment__product_added order by record_id",
    )
    at = datetime(2026, 1, 2, 3, 4, 5)
    prices = [Decimal("2.68"), Decimal("0.30"), None, None, None, Decimal("-1.00"), None, Decimal("89.00")]
    bad, negative = "price: not a number", "price: negative"
    reasons = [None, None, bad, bad, bad, negative, None, None]
    assert [(row[0], row[2], money(row[3]), row[6]) for row in found] == [
        (str(number), at, price, reason)
        for number, (price, reason) in enumerate(zip(prices, reasons, strict=True))
    ]
    assert {(row[1], row[4], money(row[5])) for row in found} == {
        ("9007199254740991", "true", Decimal("1.01"))
    }


def money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def test_an_event_and_its_track_are_one_with_the_event_s_properties(engine: Settings) -> None:
    found = dict(
        rows(
            engine,
            "select event_id, properties from staging.stg_segment__events where event_id like 'track|%'",
        )
    )
    assert found["track|0"] == '{"cart_id":"true","price":2.68,"quantity":1,"value":1.01}'
    assert found["track|track"] == "{}"
    assert len(found) == 5


def test_deleted_tickets_are_no_tickets(engine: Settings) -> None:
    found = rows(engine, "select ticket_id, status, is_open from staging.stg_zendesk__tickets")
    assert found == [("1", "open", True)]


def test_an_end_user_is_a_customer_in_any_case(engine: Settings) -> None:
    for model in ("people", "identifiers"):
        where = "where record_id = 'capitals'"
        assert rows(engine, f"select distinct record_id from staging.stg_zendesk__{model} {where}"), model
