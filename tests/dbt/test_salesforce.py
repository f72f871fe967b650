"""Salesforce alone: a charity's people and gifts, and a company's sales under Salesforce's own names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]

CHARITY = {
    "salesforce/contact.csv": (
        "id,account_id,first_name,last_name,birthdate,email,npe_01_home_email_c,npe_01_work_email_c,"
        "npe_01_preferred_email_c,mobile_phone,has_opted_out_of_email,npsp_deceased_c,master_record_id,"
        "last_modified_date,is_deleted,_fivetran_deleted,_fivetran_synced\n"
        "C1,H1,Ana,Ruiz,,ana@example.com, ANA@example.com,"
        "ana.work@example.com,Work,600123124,,,,2026-01-05,,f,2026-03-01\n"
        "C1,H1,Anna,Ruiz,,old@example.com,,,,,,,,2026-01-04,,f,2026-02-01\n"
        "C2,H2,Luis,Gil,,house@example.com,,,,,true,,,2026-01-05,false,f,2026-03-01\n"
        "C3,H2,Eva,Sanz,,House@Example.com,,,,,false,,,2026-01-05,false,f,2026-03-01\n"
        "C4,,Ana,,,ana.other@example.com,,,,,,,C1,2026-01-05,true,f,2026-03-01\n"
        "C5,,Gus,Vidal,,gone@example.com,,,,,,,,2026-01-05,true,f,2026-03-01\n"
        "C6,,Bad,Date,1990-13-01,bad@example.com,,,,,true,,,2026-01-05,false,f,2026-03-01\n"
        "C7,B1,Rosa,Vega,,0cc175b9c0f1b6a831c399e269772661,rosa@example.com,,,,,true,,2026-01-05,false,f,2026-03-01\n"
    ),
    "salesforce/account.csv": (
        "id,name,npe_01_system_account_type_c,billing_street,billing_city,number_of_employees,_fivetran_synced\n"
        "H1,Ruiz Household,Household Account,Calle Mayor 1,Soria,,2026-03-01\n"
        "B1,Sierra Rope,,Calle Sol 2,Soria,40,2026-03-01\n"
    ),
    "salesforce/lead.csv": (
        "id,first_name,email,lead_source,utm_source_c,is_converted,converted_contact_id,converted_date,"
        "master_record_id,created_date,is_deleted,_fivetran_synced\n"
        "L1,Ana,ana.web@example.com,Web,news,true,C1,2026-01-03,,2026-01-01 08:00:00,false,2026-03-01\n"
        "L2,Ines,ines@example.com,,,,,,,2026-01-02 08:00:00,false,2026-03-01\n"
        "L3,Ines,ines.old@example.com,Web,,,,,L2,2026-01-01 08:00:00,true,2026-03-01\n"
    ),
    "salesforce/record_type.csv": (
        "id,name,developer_name,_fivetran_synced\n"
        "T1,Spende,Donation,2026-03-01\nT2,Membership,Membership,2026-03-01\n"
    ),
    "salesforce/opportunity.csv": (
        "id,record_type_id,amount,currency_iso_code,close_date,is_won,npsp_primary_contact_c,is_deleted,_fivetran_synced\n"
        "O1,T1,100.00,,2026-01-10,true,C1,false,2026-03-01\n"
        "O2,,50.00,,2026-01-11,true,,false,2026-03-01\n"
        "O3,T1,999.00,,2026-01-12,false,C1,false,2026-03-01\n"
        "O4,T2,30.00,,2026-01-12,true,C1,false,2026-03-01\n"
        "O5,,20.00,,2026-01-12,true,,,2026-03-01\n"
        "O6,,-5.00,,2026-01-12,true,C1,false,2026-03-01\n"
        "O7,T1,10.00,usd,2026-01-12,true,C4,false,2026-03-01\n"
        "O8,T1,70.00,,2026-01-12,true,C1,true,2026-03-01\n"
        "O9,T1,80.00,,2027-01-12,true,C1,false,2026-03-01\n"
    ),
    "salesforce/opportunity_contact_role.csv": (
        "id,opportunity_id,contact_id,role,is_primary,_fivetran_synced\n"
        "R1,O2,C2,Donor,true,2026-03-01\n"
        "R2,O2,C1,Soft Credit,false,2026-03-01\n"
        "R3,O5,C1,Soft Credit,true,2026-03-01\n"
    ),
    "salesforce/npe_01_opp_payment_c.csv": (
        "id,npe_01_opportunity_c,npe_01_payment_amount_c,npe_01_payment_date_c,npe_01_scheduled_date_c,"
        "npe_01_paid_c,npe_01_written_off_c,npe_01_payment_method_c,_fivetran_synced\n"
        "P1,O1,60.00,2026-01-10,,true,false,Check,2026-03-01\n"
        "P2,O1,40.00,,2026-02-10,false,true,,2026-03-01\n"
        "P3,O3,999.00,,2026-02-12,false,false,,2026-03-01\n"
        "P4,O3,lots,,2026-02-12,false,false,,2026-03-01\n"
    ),
    "salesforce/campaign.csv": "id,name,_fivetran_synced\nK1,Spring fair,2026-03-01\n",
    "salesforce/campaign_member.csv": (
        "id,campaign_id,lead_id,contact_id,status,has_responded,first_responded_date,created_date,_fivetran_synced\n"
        "M1,K1,L1,C1,Responded,true,2026-01-07,2026-01-06,2026-03-01\n"
        "M2,K1,L2,,Sent,false,,2026-01-06,2026-03-01\n"
    ),
    "salesforce/npe_03_recurring_donation_c.csv": (
        "id,npe_03_contact_c,npe_03_amount_c,npe_03_installment_period_c,npe_03_date_established_c,_fivetran_synced\n"
        "D1,C3,5.00,Monthly,2026-01-08,2026-03-01\n"
    ),
}
COMPANY = {
    "salesforce_shop/contact.csv": (
        "Id,FirstName,Email,IsDeleted,_airbyte_extracted_at\nC1,Ana,ana@example.com,false,2026-03-01\n"
    ),
    "salesforce_shop/opportunity.csv": (
        "Id,Amount,CloseDate,IsWon,IsDeleted,_airbyte_extracted_at\n"
        "O1,900.00,2026-01-10,true,false,2026-03-01\n"
        "O2,800.00,2026-01-10,false,false,2026-03-01\n"
        "O3,700.00,2026-01-10,true,true,2026-03-01\n"
    ),
    "salesforce_shop/opportunitycontactrole.csv": (
        "Id,OpportunityId,ContactId,IsPrimary,_airbyte_extracted_at\nR1,O1,C1,true,2026-03-01\n"
    ),
}


@pytest.fixture
def charity(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(CHARITY)))
    report = build(source_settings, variables=only("salesforce"), exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def people_of(settings: Settings) -> dict[str, str]:
    """Source record → person."""
    return {row["record_id"]: row["person_id"] for row in rows_of(settings, "marts", "person_records")}


def by(settings: Settings, schema: str, table: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows_of(settings, schema, table)}


def test_a_charity_alone_builds_and_its_people_leads_and_gifts_are_told_apart(charity: Settings) -> None:
    assert accounting(charity) == {
        ("salesforce", "contact"): (8, 6, 1, 1),
        ("salesforce", "account"): (2, 2, 0, 0),
        ("salesforce", "lead"): (3, 3, 0, 0),
        ("salesforce", "record_type"): (2, 2, 0, 0),
        ("salesforce", "opportunity"): (9, 8, 1, 0),
        ("salesforce", "opportunity_contact_role"): (3, 3, 0, 0),
        ("salesforce", "npe_01_opp_payment_c"): (4, 3, 1, 0),
        ("salesforce", "npe_03_recurring_donation_c"): (1, 1, 0, 0),
        ("salesforce", "campaign"): (1, 1, 0, 0),
        ("salesforce", "campaign_member"): (2, 2, 0, 0),
    }
    people = people_of(charity)
    ana = people["C1"]
    # The lead that became her and the contact lost in a merge are Ana; a deleted contact is nobody.
    assert people["L1"] == people["C4"] == ana
    assert people["L2"] == people["L3"] != ana
    assert {"C5", "C6"}.isdisjoint(people)
    # A couple shares an address: each is written to there, and they are two.
    assert people["C2"] != people["C3"]
    profiles = by(charity, "marts", "profiles", "person_id")
    assert [profiles[people[key]]["email"] for key in ("C2", "C3")] == [
        "house@example.com",
        "House@example.com",
    ]
    # The address that NPSP prefers; what is no address is passed over.
    assert profiles[ana]["email"] == "ana.work@example.com"
    assert (profiles[ana]["given_name"], profiles[ana]["city"]) == ("Ana", "Soria")
    assert profiles[people["C7"]]["email"] == "rosa@example.com"

    traits = rows_of(charity, "marts", "person_traits")
    assert [(row["person_id"], row["trait"], row["trait_value"]) for row in traits] == [
        (people["C7"], "company_employees", "40"),
        (people["C7"], "company_name", "Sierra Rope"),
    ]

    check_money(charity, people)
    check_refusals(charity, people)
    check_leads(charity, people)


def check_money(charity: Settings, people: dict[str, str]) -> None:
    gifts = by(charity, "marts", "gifts", "gift_id")
    # Won and a donation: no pledge, membership or soft credit, nothing deleted or dated ahead.
    holders = {key: row["person_id"] for key, row in gifts.items()}
    assert holders == {"O1": people["C1"], "O2": people["C2"], "O5": None, "O7": people["C1"]}
    assert (str(gifts["O1"]["amount"]), str(gifts["O1"]["given_at"])[:10]) == ("100.00", "2026-01-10")
    assert gifts["O7"]["original_currency"] == "USD"
    assert not rows_of(charity, "marts", "orders")
    payments = by(charity, "marts", "payments", "payment_id")
    states = {key: row["status"] for key, row in payments.items()}
    assert states == {"P1": "succeeded", "P2": "failed", "P3": "pending"}
    assert payments["P1"]["person_id"] == people["C1"] and payments["P1"]["is_donation"]
    refused = {
        (row["record_id"], row["reason"]) for row in rows_of(charity, "staging", "quarantined_records")
    }
    assert refused == {
        ("C6", "birthdate: not a date"),
        ("O6", "amount: negative"),
        ("P4", "npe_01_payment_amount_c: not a number"),
    }


def check_refusals(charity: Settings, people: dict[str, str]) -> None:
    consents = rows_of(charity, "marts", "consents")
    # An opt-out is one, at the shared address for both; not having opted out is no consent.
    said = {(row["person_id"], row["contact_point"], row["state"]) for row in consents}
    assert {row for row in said if "@" in row[1]} == {
        (people["C2"], "house@example.com", "denied"),
        (people["C3"], "house@example.com", "denied"),
        (people["C7"], "rosa@example.com", "denied"),
    }


def check_leads(charity: Settings, people: dict[str, str]) -> None:
    leads = by(charity, "marts", "leads", "lead_id")
    forms = {key: (row["person_id"], row["form_name"]) for key, row in leads.items()}
    assert forms == {"L1": (people["C1"], "Spring fair"), "L2": (people["L2"], "Spring fair")}
    events = {(row["event_type"], row["person_id"]) for row in rows_of(charity, "marts", "person_events")}
    assert events == {
        ("Lead Created", people["C1"]),
        ("Lead Converted", people["C1"]),
        ("Lead Created", people["L2"]),
        ("Campaign Responded", people["C1"]),
        ("Recurring Gift Started", people["C3"]),
    }


def test_a_company_s_won_deals_are_orders_under_salesforce_s_own_names(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load_folder(duckdb_settings, write_raw(tmp_path / "raw", dict(COMPANY)))
    tables = {"opportunity_contact_role": "opportunitycontactrole"}
    located = {"loader": "airbyte", "schema": "salesforce_shop", "tables": tables, "currency": "usd"}
    report = build(
        duckdb_settings,
        variables=only("salesforce", salesforce=located),
        select=["+stg_salesforce__orders", "+stg_salesforce__gifts", "+stg_salesforce__people"],
        exclude=TESTS,
    )
    assert report.succeeded, describe_failures(report)
    orders = rows_of(duckdb_settings, "staging", "stg_salesforce__orders")
    assert [(row["order_id"], row["record_id"], row["channel"], row["currency"]) for row in orders] == [
        ("O1", "C1", "sales", "USD")
    ]
    assert not rows_of(duckdb_settings, "staging", "stg_salesforce__gifts")
    people = rows_of(duckdb_settings, "staging", "stg_salesforce__people")
    assert [(row["email"], row["given_name"]) for row in people] == [("ana@example.com", "Ana")]
