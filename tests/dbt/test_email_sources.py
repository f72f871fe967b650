"""Klaviyo and Mailchimp, each alone: what was sent, what came of it, who refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.dbt.emails import DIGEST, SHOWN, built, engagements, people, states, table
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]


def member_id(address: str) -> str:
    return hashlib.md5(address.lower().encode()).hexdigest()


ANA, BEA, CAI, EVA = (member_id(f"{name}@example.com") for name in ("ana", "bea", "cai", "eva"))

KLAVIYO = {
    "klaviyo/person.csv": table(
        "id,email,first_name,created,updated,custom_consent,custom_consent_timestamp,_fivetran_deleted",
        'K1,Ana@Example.com,Ana,2026-01-01,2026-01-02,"[""email"", ""sms""]",2026-01-01,false',
        'K2,bea@example.com,Bea,2026-01-01,2026-01-02,"[""sms""]",2026-01-01,false',
        f"K3,{DIGEST},Cai,2026-01-01,2026-01-02,email,2026-01-01,false",
        "K4,gone@example.com,Don,2026-01-01,2026-01-02,email,2026-01-01,true",
        "K5,eva@example.com,Eva,2026-01-01,2026-01-02,email,2026-01-01,false",
        "K6,fay@example.com,Fay,someday,2026-01-02,email,2026-01-01,false",
        "K7,ana@example.com,Ana,2026-01-03,2026-01-03,,,false",
        "K8,gil@example.com,Gil,2026-01-01,2026-03-01,email,,false",
        "K9,hal@example.com,Hal,2026-01-01,2026-01-02,email,2026-01-01,false",
    ),
    "klaviyo/event.csv": table(
        "id,person_id,metric_id,campaign_id,flow_id,datetime,type,property_url,property_bounce_type",
        "1,K1,M1,C1,,2026-02-01 10:00:00,Received Email,,",
        "2,K1,M2,C1,,2026-02-01 11:00:00,Opened Email,,",
        "3,K1,M3,,F1,2026-02-01 11:01:00,,https://shop.example/x,",
        "4,K2,M4,C1,,2026-02-01 10:00:00,Bounced Email,,Soft",
        "5,K5,M5,C1,,2026-02-02 10:00:00,Unsubscribed,,",
        "6,K1,M6,,,2026-02-02 10:00:00,Placed Order,,",
        "7,K4,M1,C1,,2026-02-01 10:00:00,Received Email,,",
        "8,K1,M1,C1,,the other day,Received Email,,",
        "1,K1,M1,C1,,2026-02-01 10:00:00,Received Email,,",
        "9,K8,M7,C1,,2025-12-01 10:00:00,Marked Email as Spam,,",
        "10,K9,M5,C1,,the other day,Unsubscribed,,",
    ),
    "klaviyo/metric.csv": table("id,name", "M3,Clicked Email"),
    "klaviyo/campaign.csv": table("id,name", "C1,Spring"),
    "klaviyo/flow.csv": table("id,name", "F1,Welcome"),
}
MAILCHIMP = {
    "mailchimp/member.csv": table(
        "id,list_id,email_address,status,merge_fname,timestamp_signup,timestamp_opt,last_changed",
        f"{ANA},L1,ana@example.com,subscribed,Ana,2026-01-01,2026-01-01,2026-01-01",
        f"{ANA},L2,ana@example.com,unsubscribed,Ana Maria,2026-01-01,2026-01-01,2026-01-05",
        f"{BEA},L1,bea@example.com,subscribed,Bea,2026-01-01,2026-01-01,2026-01-01",
        f"{CAI},L1,cai@example.com,pending,Cai,2026-01-01,,2026-01-01",
        f"{EVA},L1,eva@example.com,subscribed,Eva,,,2026-03-01",
        f"{DIGEST},L1,{DIGEST},subscribed,,2026-01-01,2026-01-01,2026-01-01",
        ",L1,dee@example.com,subscribed,,2026-01-01,2026-01-01,2026-01-01",
        f"{BEA},L1,bea@example.com,subscribed,Bea,2026-01-01,2026-01-01,2026-01-01",
    ),
    "mailchimp/campaign.csv": table("id,list_id,title,send_time", "C1,L1,Spring,2026-02-01", "C2,L1,Draft,"),
    "mailchimp/campaign_recipient.csv": table(
        "campaign_id,member_id,list_id", f"C1,{BEA},L1", f"C2,{BEA},L1"
    ),
    "mailchimp/campaign_recipient_activity.csv": table(
        "action,campaign_id,member_id,timestamp,url,bounce_type",
        f"open,C1,{BEA},2026-02-01 10:00:00,,",
        f"click,C1,{BEA},2026-02-01 10:00:05,https://shop.example/x,",
        f"bounce,C1,{CAI},2026-02-01 10:00:00,,hard",
        f"bounce,C1,{EVA},2026-02-01 10:00:00,,hard",
        f"open,C1,{'9' * 32},2026-02-01 10:00:00,,",
        f"open,C1,{BEA},never,,",
    ),
    "mailchimp/unsubscribe.csv": table("campaign_id,member_id,timestamp", f"C1,{BEA},2026-02-03"),
}


def event_types(settings: Settings) -> list[str]:
    return sorted(row["event_type"] for row in rows_of(settings, "marts", "person_events"))


def test_klaviyo_alone_gives_engagements_and_consent(source_settings: Settings, tmp_path: Path) -> None:
    built(source_settings, tmp_path, "klaviyo", KLAVIYO)
    assert accounting(source_settings) == {
        ("klaviyo", "person"): (9, 8, 1, 0),
        ("klaviyo", "event"): (11, 8, 2, 1),
        ("klaviyo", "metric"): (1, 1, 0, 0),
        ("klaviyo", "campaign"): (1, 1, 0, 0),
        ("klaviyo", "flow"): (1, 1, 0, 0),
    }
    found = engagements(source_settings)
    # An order is the shop's to tell.
    assert {key: row["engagement_type"] for key, row in found.items()} == {
        "1": "delivered", "2": "open", "3": "click", "4": "bounce", "5": "unsubscribe", "7": "delivered",
        "9": "spam_report",
    }  # fmt: skip
    assert (found["3"]["campaign_name"], found["3"]["url"]) == ("Welcome", "https://shop.example/x")
    assert found["4"]["bounce_type"] == "soft"
    who = people(source_settings)
    assert found["1"]["person_id"] == who["person", "K1"] == who["person", "K7"]
    assert found["7"]["person_id"] is None, "a deleted profile is nobody"
    # A soft bounce refuses nothing, consent to texts is none to e-mail, and no digest has consent. A consent
    # without a time is older than any refusal; a refusal whose time cannot be read is one all the same.
    denied = {f"{name}@example.com": "denied" for name in ("eva", "gil", "hal")}
    assert states(source_settings) == {"ana@example.com": "granted", **denied}
    assert event_types(source_settings) == [
        "Email Bounced", "Email Delivered", "Email Link Clicked", "Email Marked as Spam", "Email Opened",
        "Unsubscribed",
    ]  # fmt: skip


def test_mailchimp_alone_gives_engagements_and_consent(source_settings: Settings, tmp_path: Path) -> None:
    built(source_settings, tmp_path, "mailchimp", MAILCHIMP)
    assert accounting(source_settings) == {
        ("mailchimp", "member"): (8, 6, 1, 1),
        ("mailchimp", "campaign"): (2, 2, 0, 0),
        ("mailchimp", "campaign_recipient"): (2, 2, 0, 0),
        ("mailchimp", "campaign_recipient_activity"): (6, 5, 1, 0),
        ("mailchimp", "unsubscribe"): (1, 1, 0, 0),
    }
    found = list(engagements(source_settings).values())
    # A campaign that was not sent went to nobody.
    assert sorted(row["engagement_type"] for row in found) == [
        "bounce", "bounce", "click", "open", "open", "sent", "unsubscribe"
    ]  # fmt: skip
    who = people(source_settings)
    assert {row["person_id"] for row in found} == {*(who["member", key] for key in (BEA, CAI, EVA)), None}
    assert {row["campaign_name"] for row in found} == {"Spring"}
    # Of two lists the latest decision holds; leaving and bouncing for good refuse; no later change lifts it.
    denied = {f"{name}@example.com": "denied" for name in ("ana", "bea", "cai", "eva")}
    assert states(source_settings) == denied
    names = {
        row["record_id"]: row["given_name"] for row in rows_of(source_settings, "intermediate", "int_people")
    }
    assert names[ANA] == "Ana Maria"
    types = {row["identifier_type"] for row in rows_of(source_settings, "intermediate", "int_identifiers")}
    assert types == {"email"}, "a digest of the address is no identifier of its own"


def test_a_source_of_emails_needs_no_table_but_its_people(duckdb_settings: Settings, tmp_path: Path) -> None:
    both = {
        name: text for name, text in (KLAVIYO | MAILCHIMP).items() if "/person" in name or "/member" in name
    }
    load_folder(duckdb_settings, write_raw(tmp_path / "raw", dict(both)))
    report = build(duckdb_settings, variables=only("klaviyo", "mailchimp"), select=SHOWN, exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    who = {(row["source"], row["record_id"]): row["person_id"]
           for row in rows_of(duckdb_settings, "marts", "person_records")}  # fmt: skip
    assert who["klaviyo", "K2"] == who["mailchimp", BEA]
    assert engagements(duckdb_settings) == {}
