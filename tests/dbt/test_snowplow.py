"""Snowplow alone: one wide table of events, with contexts in the two forms that loaders write them in."""

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

SP = "com_snowplowanalytics_snowplow"
CONTEXTS = {
    "consent": f"unstruct_event_{SP}_consent_preferences_1_0_0",
    "action": f"unstruct_event_{SP}_ecommerce_snowplow_ecommerce_action_1_0_2",
    "product": f"contexts_{SP}_ecommerce_product_1_0_0",
    "cart": f"contexts_{SP}_ecommerce_cart_1_0_0",
    "session": f"contexts_{SP}_client_session_1_0_2",
    "screen": "unstruct_event_com_snowplowanalytics_mobile_screen_view_1_0_0",
}
COLUMNS = (
    "event_id", "event", "event_name", "platform", "domain_userid", "network_userid", "user_id",
    "derived_tstamp", "collector_tstamp", "load_tstamp", "page_url", "mkt_source", "se_action", "tr_orderid",
    "tr_total", "tr_currency", *CONTEXTS.values(),
)  # fmt: skip


def event(event_id: str, name: str, at: str = "10:00", **values: object) -> dict[str, object]:
    """A row; contexts by their short names."""
    row: dict[str, object] = {
        "event_id": event_id, "event": name, "event_name": name, "platform": "web",
        "derived_tstamp": f"2026-03-01 {at}:00", "collector_tstamp": f"2026-03-01 {at}:01",
        "load_tstamp": "2026-03-01 12:00:00",
    }  # fmt: skip
    for key, value in values.items():
        row[CONTEXTS.get(key, key)] = json.dumps(value) if isinstance(value, dict | list) else value
    return row


def table(*rows: dict[str, object]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


ANA = {"domain_userid": "laptop", "user_id": "u-ana"}
EVENTS = table(
    event("e1", "page_view", domain_userid="laptop", network_userid="net-1", page_url="https://x.io/",
          mkt_source="news"),
    event("e2", "unstruct", "10:05", **ANA, event_name="snowplow_ecommerce_action",
          action={"type": "add_to_cart"}, cart={"cart_id": "B1", "total_value": 9, "currency": "EUR"},
          product=[{"id": "A", "name": "Tea", "price": 4.5, "quantity": 2}]),
    event("e3", "transaction", "10:10", **ANA, tr_orderid="O1", tr_total="9.00", tr_currency="EUR"),
    event("e4", "transaction_item", "10:10", **ANA, tr_orderid="O1"),
    event("e5", "unstruct", "10:20", user_id="u-ana", platform="mob", event_name="screen_view",
          session=[{"userId": "phone"}], screen={"name": "Home"}),
    # Another browser of hers, which the collector's cookie ties to the first.
    event("e6", "page_view", "10:30", domain_userid="laptop-2", network_userid="net-1"),
    # Of a browser that two users log in from, nothing is anyone's for sure.
    event("e7", "struct", domain_userid="shared", user_id="u-bo", event_name="event", se_action="log in"),
    event("e8", "struct", domain_userid="shared", user_id="u-cy", event_name="event", se_action="log in"),
    event("e9", "unstruct", "10:40", **ANA, event_name="consent_preferences",
          consent=[{"event_type": "allow_selected", "consent_scopes": ["statistics"]}]),
    event("e10", "unstruct", "10:00", domain_userid="laptop", event_name="consent_preferences",
          consent=[{"event_type": "allow_all", "consent_scopes": ["statistics", "marketing"]}]),
    # Without any cookie: counted, and nobody's.
    event("e11", "page_view", network_userid="00000000-0000-0000-0000-000000000000"),
    event("e1", "page_view", domain_userid="laptop", load_tstamp="2026-03-01 11:00:00"),
    event("e12", "transaction", **ANA, tr_total="a lot"),
    event("e13", "unstruct", **ANA, action="{broken"),
    event("", "page_view", **ANA),
)  # fmt: skip


@pytest.fixture
def snowplow(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", {"snowplow/events.csv": EVENTS}))
    wanted = ["+person_events", "+carts", "+consents", "+person_records", "+person_aliases"]
    wanted += ["+raw_accounting", "+quarantined_records"]
    report = build(source_settings, variables=only("snowplow"), select=wanted, exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_snowplow_alone_builds_and_tells_who_did_what(snowplow: Settings) -> None:
    assert accounting(snowplow) == {("snowplow", "events"): (15, 11, 3, 1)}
    refused = {
        (row["record_id"], row["reason"]) for row in rows_of(snowplow, "staging", "quarantined_records")
    }
    action = CONTEXTS["action"]
    assert refused == {
        ("e12", "tr_total: not a number"),
        ("e13", f"{action}: not JSON, or with a key twice or a NUL in it"),
        (None, "event_id: missing"),
    }
    events = {row["event_id"]: row for row in rows_of(snowplow, "marts", "person_events")}
    ana = events["e2"]["person_id"]
    assert sorted(key for key, row in events.items() if row["person_id"] == ana) == [
        "e1", "e10", "e2", "e3", "e5", "e6", "e9",
    ]  # fmt: skip
    assert len({events[key]["person_id"] for key in ("e2", "e7", "e8")}) == 3
    staged = {row["event_id"] for row in rows_of(snowplow, "staging", "stg_snowplow__events")}
    assert staged - set(events) == {"e11"}

    assert {key: (row["event_type"], row["platform"]) for key, row in events.items()} == {
        "e1": ("Page Viewed", "web"),
        "e2": ("Product Added", "web"),
        "e3": ("Order Completed", "web"),
        "e5": ("Screen Viewed", "app"),
        "e6": ("Page Viewed", "web"),
        "e7": ("log in", "web"),
        "e8": ("log in", "web"),
        "e9": ("Consent Preference Updated", "web"),
        "e10": ("Consent Preference Updated", "web"),
    }
    assert json.loads(events["e2"]["properties"]) == {
        "cart_id": "B1", "currency": "EUR", "name": "Tea", "price": 4.5, "product_id": "A", "quantity": 2,
        "value": 9,
    }  # fmt: skip
    carts = [
        (row["cart_id"], row["person_id"], row["is_abandoned"]) for row in rows_of(snowplow, "marts", "carts")
    ]
    assert carts == [("B1", ana, True)]
    assert json.loads(events["e3"]["properties"]) == {"currency": "EUR", "order_id": "O1", "total": 9}
    assert (events["e5"]["visitor_id"], events["e5"]["properties"]) == ("phone", '{"title":"Home"}')

    consents = {row["purpose"]: row["state"] for row in rows_of(snowplow, "marts", "consents")}
    assert consents == {"statistics": "granted", "marketing": "denied"}
