"""RudderStack alone: Segment's tables, with its own users table and its own way to say consent."""

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

AT = "2026-03-01 10:00:00,2026-03-01 10:00:05"
LATER = "2026-03-01 11:00:00,2026-03-01 11:00:05"
CALL = "id,anonymous_id,user_id,timestamp,received_at"
LISTS = "context_consent_management_allowed_consent_ids,context_consent_management_denied_consent_ids"
TABLES = {
    "rudderstack/identifies.csv": (
        f"{CALL},email,first_name,phone\n"
        f"i1,web-1,u-ana,{AT}, ANA@Example.com,Ana,600123124\n"
        f"i2,web-2,u-bo,{AT},0cc175b9c0f1b6a831c399e269772661,Bo,\n"
        f"i3,,,{AT},nobody@example.com,,\n"
    ),
    "rudderstack/users.csv": (
        "id,anonymous_id,email,first_name,received_at\n"
        "u-ana,tablet-1,ana@example.com,Ana,2026-03-02 10:00:00\n"
    ),
    "rudderstack/pages.csv": (
        f"{CALL},url,path,{LISTS}\n"
        f'p1,web-1,,{AT},https://x.io/a,/a,"[""Analytics"",""Ads""]",[]\n'
        f'p2,web-1,u-ana,{LATER},https://x.io/b,/b,"[""Analytics""]","[""Ads""]"\n'
        f"p3,tablet-1,,{AT},https://x.io/c,/c,,\n"
        f"p3,tablet-1,,{AT},https://x.io/c,/c,,\n"
        f"p4,web-1,,{AT},https://x.io/c,/c,{{broken,\n"
    ),
    "rudderstack/tracks.csv": (
        f"{CALL},event,event_text\n"
        f"t1,web-1,u-ana,{AT},product_added,Product Added\n"
        f"t2,web-1,u-ana,{AT},newsletter_read,Newsletter Read\n"
        f"t4,web-1,u-ana,{AT},order_refunded,\n"
    ),
    "rudderstack/product_added.csv": (
        f"{CALL},cart_id,product_id,name,price,quantity,currency\n"
        f"t1,web-1,u-ana,{AT},c1,A,Tea,4.50,2,EUR\n"
        f"t3,web-1,u-ana,{AT},c1,B,Cup,-1,1,EUR\n"
    ),
    "rudderstack/groups.csv": f"{CALL},group_id,name\ng1,,u-ana,{AT},team-1,Team\n",
}


@pytest.fixture
def rudderstack(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    wanted = ["+person_events", "+consents", "+person_records", "+person_aliases"]
    wanted += ["+raw_accounting", "+quarantined_records", "+int_people", "+int_carts"]
    report = build(source_settings, variables=only("rudderstack"), select=wanted, exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_rudderstack_alone_builds_and_ties_the_last_device_to_its_user(rudderstack: Settings) -> None:
    assert accounting(rudderstack) == {
        ("rudderstack", "identifies"): (3, 2, 1, 0),
        ("rudderstack", "users"): (1, 1, 0, 0),
        ("rudderstack", "pages"): (5, 3, 1, 1),
        ("rudderstack", "tracks"): (3, 3, 0, 0),
        ("rudderstack", "product_added"): (2, 1, 1, 0),
        ("rudderstack", "groups"): (1, 1, 0, 0),
    }
    reasons = {row["reason"] for row in rows_of(rudderstack, "staging", "quarantined_records")}
    assert reasons == {
        "user_id: missing, and anonymous_id too",
        "context_consent_management_allowed_consent_ids: not JSON, or with a key twice or a NUL in it",
        "price: negative",
    }
    events = {row["event_id"]: row for row in rows_of(rudderstack, "marts", "person_events")}
    types = {key: row["event_type"] for key, row in events.items()}
    assert types == {
        "page|p1": "Page Viewed",
        "page|p2": "Page Viewed",
        "page|p3": "Page Viewed",
        "track|t1": "Product Added",
        "track|t2": "Newsletter Read",
        "track|t4": "Order Refunded",
        "group|g1": "Group Joined",
    }
    # The tablet was seen without a log-in: the users table alone says whose it is.
    assert len({row["person_id"] for row in events.values()}) == 1
    assert json.loads(events["track|t1"]["properties"])["price"] == 4.5
    assert events["track|t2"]["properties"] == "{}"
    assert json.loads(events["group|g1"]["properties"]) == {"group_id": "team-1", "name": "Team"}

    people = {row["record_id"]: row for row in rows_of(rudderstack, "intermediate", "int_people")}
    assert (people["u-ana"]["email"], people["u-bo"]["email"]) == ("ana@example.com", None)
    (cart,) = rows_of(rudderstack, "intermediate", "int_carts")
    assert (cart["cart_id"], str(cart["value"])) == ("c1", "9.00")
    consents = {
        (row["channel"], row["purpose"]): row["state"] for row in rows_of(rudderstack, "marts", "consents")
    }
    assert consents == {("web", "analytics"): "granted", ("web", "ads"): "denied"}
