"""Google Analytics 4 alone: the export's nested columns, as JSON text and as the warehouse's own types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]

NOON = 1772366400_000000  # 2026-03-01 12:00:00 UTC


def event(name: str, visitor: str | None, minute: int = 0, **values: object) -> dict[str, object]:
    """A row of the export; `params` by key, each under the type that Google would give it."""
    params = values.pop("params", {})
    assert isinstance(params, dict)
    return {
        "event_date": "20260301", "event_timestamp": NOON + minute * 60_000000, "event_name": name,
        "event_bundle_sequence_id": 1, "user_pseudo_id": visitor, "user_id": None, "platform": "WEB",
        "event_params": [{"key": key, "value": typed(value)} for key, value in params.items()],
        "items": [], "privacy_info": {"analytics_storage": "Yes", "ads_storage": "No"},
        "device": {"vendor_id": None}, "batch_event_index": None,
        "collected_traffic_source": {"manual_source": None, "manual_medium": None, "gclid": None},
    } | values  # fmt: skip


def typed(value: object) -> dict[str, object]:
    empty: dict[str, object] = dict.fromkeys(("string_value", "int_value", "float_value", "double_value"))
    kinds = {str: "string_value", int: "int_value", float: "double_value"}
    return empty | {kinds[type(value)]: value}


PAGE = {"page_location": "https://x.io/?utm_source=news", "page_title": "Tea", "source": "news", "value": 1}
TEA = [{"item_id": "A", "item_name": "Tea", "price": 4.5, "quantity": 2}]
EVENTS = [
    event("page_view", "v-1", params=PAGE),
    event("add_to_cart", "v-1", 1, items=TEA, params={"currency": "EUR", "value": 9.0}),
    event("add_to_cart", "v-1", 1, items=TEA, batch_event_index=2),
    event("purchase", "v-1", 2, user_id="u-ana",
          privacy_info={"analytics_storage": "Yes", "ads_storage": "Yes"},
          params={"transaction_id": "O1", "value": 9.5, "currency": "EUR"}),
    event("screen_view", "v-2", 3, user_id="u-ana", platform="IOS", device={"vendor_id": "idfv-1"},
          params={"firebase_screen": "Home"}),
    event("page_view", "v-3", collected_traffic_source={"manual_source": "ads", "manual_medium": "cpc",
                                                        "gclid": "g-1"}),
    event("page_view", "v-1", params=PAGE),
    event("page_view", None),
    event("page_view", "v-4", event_timestamp=-5),
]  # fmt: skip


def lines(*, as_text: bool) -> str:
    """JSON lines, the nested values as JSON text or as they are."""
    nested = (dict, list)
    return "\n".join(
        json.dumps({key: json.dumps(v) if as_text and isinstance(v, nested) else v for key, v in row.items()})
        for row in EVENTS
    )


@pytest.fixture
def ga4(source_settings: Settings, tmp_path: Path) -> Settings:
    """Nested on one engine, as text on the other."""
    text = lines(as_text=source_settings.target == "postgres")
    load_folder(source_settings, write_raw(tmp_path / "raw", {"ga4/events.jsonl": text}))
    wanted = ["+person_events", "+consents", "+person_records", "+person_aliases"]
    wanted += ["+raw_accounting", "+quarantined_records"]
    report = build(source_settings, variables=only("ga4"), select=wanted, exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_google_analytics_alone_builds_and_tells_who_did_what(ga4: Settings) -> None:
    assert accounting(ga4) == {("ga4", "events"): (9, 6, 2, 1)}
    reasons = {row["reason"] for row in rows_of(ga4, "staging", "quarantined_records")}
    assert reasons == {"user_pseudo_id: missing", "event_timestamp: not a time"}

    events = rows_of(ga4, "marts", "person_events")
    people = {row["visitor_id"]: row["person_id"] for row in events}
    assert people["v-1"] == people["v-2"] != people["v-3"]
    assert sorted(row["event_type"] for row in events) == [
        "Order Completed", "Page Viewed", "Page Viewed", "Product Added", "Product Added", "Screen Viewed",
    ]  # fmt: skip
    by_type = {(row["event_type"], row["visitor_id"]): row for row in events}
    page = by_type["Page Viewed", "v-1"]
    assert (page["url"], page["utm_source"], page["platform"]) == (PAGE["page_location"], "news", "web")
    assert by_type["Page Viewed", "v-3"]["utm_medium"] == "cpc"
    bought = by_type["Order Completed", "v-1"]
    assert (str(bought["occurred_at"]), bought["record_type"]) == ("2026-03-01 12:02:00", "user")
    assert bought["occurred_at"] == bought["loaded_at"]
    assert json.loads(bought["properties"]) == {"currency": "EUR", "order_id": "O1", "total": 9.5}
    added = [row for row in events if row["event_type"] == "Product Added"]
    assert {json.loads(row["properties"])["product_id"] for row in added} == {"A"}
    assert by_type["Screen Viewed", "v-2"]["properties"] == '{"title":"Home"}'

    consents = {
        (row["contact_point"], row["purpose"]): row["state"] for row in rows_of(ga4, "marts", "consents")
    }
    assert consents["v-1", "ads"] == "granted"
    assert consents["v-3", "ads"] == "denied"
