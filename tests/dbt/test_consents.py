"""Histories of consent by chance, from raw tables to the mart: a refusal stays until a later yes."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw

pytestmark = pytest.mark.build

HISTORIES = 120
HEADERS = {
    "shopify/customer": "id,email,email_marketing_consent_state,email_marketing_consent_updated_at,"
    "created_at,updated_at,_fivetran_synced,_fivetran_deleted",
    "hubspot/contact": "id,property_email,property_hs_email_optout,property_createdate,"
    "property_lastmodifieddate,_fivetran_synced,_fivetran_deleted",
    "segment/identifies": "id,user_id,email,context_consent_category_preferences_marketing,timestamp,"
    "loaded_at",
    "segment/users": "id,email,context_consent_category_preferences_marketing,received_at,loaded_at",
}
# What a source comes to say on a day: a decision (yes, no), or something that is none.
STEPS: dict[str, tuple[str | None, str, str]] = {
    "shop yes": ("yes", "shopify/customer", "{n},{email},SUBSCRIBED,{day},2026-01-01,{day},{day},false"),
    "shop no": ("no", "shopify/customer", "{n},{email},UNSUBSCRIBED,{day},2026-01-01,{day},{day},false"),
    "shop yes some day": (None, "shopify/customer", "{n},{email},SUBSCRIBED,,2026-01-01,{day},{day},false"),
    "shop yes to be": (None, "shopify/customer", "{n},{email},SUBSCRIBED,2199-01-01,,{day},{day},false"),
    "shop touch": (None, "shopify/customer", "{n},{email},NOT_SUBSCRIBED,,2026-01-01,{day},{day},false"),
    "shop deletes": (None, "shopify/customer", "{n},{email},NOT_SUBSCRIBED,,2026-01-01,{day},{day},true"),
    "crm no": ("no", "hubspot/contact", "{n},{email},true,2026-01-01,{day},{day},false"),
    "crm no, unread": ("no", "hubspot/contact", "{n},{email},true,broken,{day},{day},false"),
    "crm perhaps": ("no", "hubspot/contact", "{n},{email},perhaps,2026-01-01,{day},{day},false"),
    "crm perhaps, unread": ("no", "hubspot/contact", "{n},{email},perhaps,2026-01-01,{day},{day},perhaps"),
    "crm clears": (None, "hubspot/contact", "{n},{email},false,2026-01-01,{day},{day},false"),
    "crm deletes": (None, "hubspot/contact", "{n},{email},false,2026-01-01,{day},{day},true"),
    "web yes": ("yes", "segment/identifies", "{n}-{day},u{n},{email},true,{day},{day}"),
    "web no": ("no", "segment/identifies", "{n}-{day},u{n},{email},false,{day},{day}"),
    "web perhaps": ("no", "segment/identifies", "{n}-{day},u{n},{email},perhaps,{day},{day}"),
    "web visit": (None, "segment/users", "u{n},{email},true,{day},{day}"),
}


def histories() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Rows by table, in no order, as a loader that appends leaves them; and the steps by address."""
    chance = random.Random(7)
    rows: dict[str, list[str]] = defaultdict(list)
    taken: dict[str, list[str]] = {}
    for n in range(HISTORIES):
        email = f"p{n}@example.com"
        taken[email] = chance.choices(list(STEPS), k=chance.randint(1, 6))
        for number, step in enumerate(taken[email]):
            day = date(2026, 2, 1) + timedelta(days=number)
            _, table, row = STEPS[step]
            rows[table].append(row.format(n=n, email=email, day=day))
    for lines in rows.values():
        chance.shuffle(lines)
    return rows, taken


def last_decision(steps: list[str]) -> str | None:
    """yes, no, or None when nothing was decided."""
    return next((said for step in reversed(steps) if (said := STEPS[step][0])), None)


def test_once_refused_only_a_later_yes_is_a_consent(duckdb_settings: Settings, tmp_path: Path) -> None:
    rows, taken = histories()
    files = {f"{table}.csv": "\n".join([header, *rows[table], ""]) for table, header in HEADERS.items()}
    files["shopify/order.csv"] = (
        "id,created_at,total_price,currency,_fivetran_synced\n1,2026-01-01,1,EUR,2026-01-01\n"
    )
    load_folder(duckdb_settings, write_raw(tmp_path / "raw", dict(files)))
    report = build(
        duckdb_settings, select=["+consents", "tag:identity"], variables={"zendesk": {"enabled": False}}
    )
    assert report.succeeded, describe_failures(report)

    held = rows_of(duckdb_settings, "marts", "consents")
    granted = {row["contact_point"] for row in held if row["state"] == "granted"}
    refused = {email for email, steps in taken.items() if last_decision(steps) == "no"}
    assert {email: taken[email] for email in granted & refused} == {}
    # And what was never refused is as free as before.
    free = {
        email
        for email, steps in taken.items()
        if steps[-1] in ("shop yes", "web yes") and not any(STEPS[step][0] == "no" for step in steps)
    }
    assert len(free) > 5
    assert free <= granted
