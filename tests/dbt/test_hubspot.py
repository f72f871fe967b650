"""HubSpot alone: its e-mails, companies and deals."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from reverse_etl.settings import Settings
from tests.dbt.emails import DIGEST, built, engagements, people, states, table
from tests.support.raw import rows_of
from tests.support.sources import accounting

pytestmark = [pytest.mark.build, pytest.mark.slow]

HUBSPOT = {
    "hubspot/contact.csv": table(
        "id,property_email,property_createdate,property_associatedcompanyid",
        "501,ana@example.com,2026-01-01,C1",
        "502,bea@example.com,2026-01-01,C2",
        "503,cai@example.com,2026-01-01,",
        "504,dan@example.com,2026-01-01,C9",
    ),
    "hubspot/email_event.csv": table(
        "id,type,created,recipient,email_campaign_id,filtered_event",
        "e1,SENT,2026-02-01 10:00:00,Ana@Example.com,7,false",
        "e2,OPEN,2026-02-01 11:00:00,ana@example.com,7,false",
        "e3,CLICK,2026-02-01 11:01:00,ana@example.com,7,false",
        "e4,OPEN,2026-02-01 10:00:01,ana@example.com,7,true",
        "e5,BOUNCE,2026-02-01 10:00:00,bea@example.com,7,",
        "e6,STATUSCHANGE,2026-02-01 10:00:00,cai@example.com,7,",
        "e7,DROPPED,2026-02-01 10:00:00,stranger@example.com,7,",
        f"e8,SPAMREPORT,2026-02-01 10:00:00,{DIGEST},7,",
        "e9,OPEN,soon,ana@example.com,7,",
        "e2,OPEN,2026-02-01 11:00:00,ana@example.com,7,false",
        "e10,BOUNCE,2026-02-01 10:00:00,ana@example.com,7,",
        "e11,STATUSCHANGE,soon,dan@example.com,7,",
    ),
    "hubspot/email_event_click.csv": table("id,url", "e3,https://shop.example/x"),
    "hubspot/email_event_bounce.csv": table(
        "id,category,status", "e5,UNKNOWN_USER,550", "e10,MAILBOX_FULL,552"
    ),
    "hubspot/email_event_dropped.csv": table("id,drop_reason", "e7,PREVIOUSLY_UNSUBSCRIBED_PORTAL"),
    "hubspot/email_event_status_change.csv": table(
        "id,portal_subscription_status", "e6,UNSUBSCRIBED", "e11,UNSUBSCRIBED"
    ),
    "hubspot/email_campaign.csv": table("id,name", "7,Spring"),
    "hubspot/company.csv": table("id,property_name,is_deleted", "C1,Sierra Rope,false", "C2,Gone,true"),
    "hubspot/deal.csv": table(
        "deal_id,deal_pipeline_stage_id,property_amount,property_deal_currency_code,property_createdate,"
        "property_closedate,is_deleted",
        "D1,7,900.00,usd,2026-02-01,2026-02-20,false",
        "D2,closedlost,70.00,,2026-02-01,2026-02-21,false",
        "D3,closedwon,50.00,,2026-02-01,2027-02-01,false",
        "D4,closedwon,40.00,,2026-02-01,2026-02-22,false",
        "D5,closedwon,-5.00,,2026-02-01,2026-02-22,false",
        "D6,closedwon,lots,,2026-02-01,2026-02-22,false",
        "D7,closedwon,5.00,,2027-02-01,2027-02-01,false",
        "D8,closedwon,5.00,,2026-02-01,2026-13-41,false",
        ",closedwon,5.00,,2026-02-01,2026-02-22,false",
        "D9,closedwon,30.00,,2026-02-01,2026-02-22,true",
        "D1,closedwon,800.00,,2026-02-01,2026-02-20,false",
    ),
    "hubspot/deal_contact.csv": table(
        "deal_id,contact_id,type_id", "D1,502,3", "D1,501,3", "D1,501,9", "D2,503,", "D3,501,3", "D9,501,3"
    ),
    "hubspot/deal_pipeline_stage.csv": table("stage_id,label,probability", "7,Signed,1.0"),
    "hubspot/merged_deal.csv": table("deal_id,merged_deal_id", "D1,D0"),
}

# The loader keeps a contact that went into another as deleted. Not everyone loads the audit.
MERGED = {
    "hubspot/contact.csv": table(
        "id,property_email,property_createdate,property_hs_merged_object_ids,_fivetran_deleted",
        "101,ana@example.com,2026-01-01,102; 103;,false",
        "102,former@example.com,2026-01-01,,true",
        "104,bea@example.com,2026-01-01,104,false",
        "105,cai@example.com,2026-01-01,106,true",
    )
}
AUDIT = {
    "hubspot/contact_merge_audit.csv": table("canonical_vid,vid_to_merge,timestamp", "101,102,2026-02-01")
}
EVIDENCE = [("101|102", "101"), ("101|102", "102"), ("101|103", "101"), ("101|103", "103")]


def test_hubspot_alone_gives_engagements_companies_and_deals(
    source_settings: Settings, tmp_path: Path
) -> None:
    built(source_settings, tmp_path, "hubspot", HUBSPOT, won_deals_are_orders=True)
    check_emails(source_settings)
    check_deals(source_settings)


def test_merges_are_read_from_the_contact_that_stayed_with_or_without_an_audit(
    source_settings: Settings, tmp_path: Path
) -> None:
    built(source_settings, tmp_path / "alone", "hubspot", MERGED)
    assert merges(source_settings) == [(*pair, None) for pair in EVIDENCE]
    built(source_settings, tmp_path / "both", "hubspot", MERGED | AUDIT)
    dated = datetime(2026, 2, 1)
    assert merges(source_settings) == [
        (record, contact, dated if record == "101|102" else None) for record, contact in EVIDENCE
    ]
    who = people(source_settings)
    assert {key for key, person in who.items() if person == who["contact", "101"]} == {
        ("contact", "101"),
        ("contact_merge", "101|102"),
        ("contact_merge", "101|103"),
    }


def merges(settings: Settings) -> list[tuple[str, str, datetime | None]]:
    """The evidence of merges: record, contact, and since when it is known."""
    return sorted(
        (row["record_id"], row["identifier_value"], row["first_seen_at"])
        for row in rows_of(settings, "intermediate", "int_identifiers")
        if row["record_type"] == "contact_merge" and row["identifier_type"] == "hubspot_contact_id"
    )


def check_emails(source_settings: Settings) -> None:
    """They reach the contact or the stranger of the address."""
    counted = accounting(source_settings)
    assert counted["hubspot", "email_event"] == (12, 9, 2, 1)
    found = engagements(source_settings)
    # Machines' openings are none; what was held back was not sent.
    assert {key: row["engagement_type"] for key, row in found.items()} == {
        "e1": "sent", "e2": "open", "e3": "click", "e5": "bounce", "e6": "unsubscribe", "e8": "spam_report",
        "e10": "bounce",
    }  # fmt: skip
    assert {key: found[key]["bounce_type"] for key in ("e1", "e5", "e10")} == {
        "e1": None, "e5": "hard", "e10": "soft"
    }  # fmt: skip
    assert (found["e3"]["campaign_name"], found["e3"]["url"]) == ("Spring", "https://shop.example/x")
    who = people(source_settings)
    assert {found[key]["person_id"] for key in ("e1", "e2", "e3")} == {who["contact", "501"]}
    assert found["e5"]["person_id"] == who["contact", "502"]
    assert len(set(who.values())) == 6, "four contacts, a stranger, and a digest that is nobody else"
    denied = {f"{name}@example.com": "denied" for name in ("bea", "cai", "dan", "stranger")}
    assert states(source_settings) == {**denied, DIGEST: "denied"}


def check_deals(settings: Settings) -> None:
    """They are their contacts', won or lost; a company is said of those who belong to it."""
    counted = accounting(settings)
    assert counted["hubspot", "deal"] == (11, 5, 5, 1)
    assert counted["hubspot", "deal_contact"] == (6, 6, 0, 0)
    reasons = {
        row["record_id"]: row["reason"]
        for row in rows_of(settings, "staging", "quarantined_records")
        if row["table"] == "deal"
    }
    assert reasons == {
        "D5": "property_amount: negative",
        "D6": "property_amount: not a number",
        "D7": "property_createdate: in the future",
        "D8": "property_closedate: not a time",
        None: "deal_id: missing",
    }
    who = people(settings)
    ana, bea, cai = (who["contact", record] for record in ("501", "502", "503"))
    deals = [
        (row["event_type"], row["person_id"])
        for row in rows_of(settings, "marts", "person_events")
        if row["event_type"].startswith(("Deal", "Order"))
    ]
    # What ends later than now is open; one without a contact happened to nobody.
    assert sorted(deals) == sorted(
        [
            *(("Deal Created", person) for person in (ana, ana, bea, cai)),
            *(("Deal Won", person) for person in (ana, bea)),
            ("Deal Lost", cai),
            ("Order Completed", ana),
        ]
    )
    orders = {
        row["order_id"]: (row["person_id"], row["channel"], row["original_currency"])
        for row in rows_of(settings, "marts", "orders")
    }
    assert orders == {"D1": (ana, "sales", "USD"), "D4": (None, "sales", "EUR")}
    traits = [
        (row["person_id"], row["trait"], row["trait_value"])
        for row in rows_of(settings, "marts", "person_traits")
    ]
    assert traits == [(ana, "company_name", "Sierra Rope")]
