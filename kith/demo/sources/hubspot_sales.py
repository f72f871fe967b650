"""Companies that equip their staff, and the deals with them, as Fivetran brings them from HubSpot."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    DAY,
    HOUR,
    Bools,
    Ints,
    between,
    chance,
    choice,
    money,
    nth,
    pick,
    synced,
    table,
    times,
    where,
)
from kith.demo.hubspot import FIRST_COMPANY, PORTAL, contact_id, works_for
from kith.demo.schemas import TRUTH, schema
from kith.demo.sources.room import Made, Named, Room, World

_LOADED = "flag: _fivetran_deleted ; utc: _fivetran_synced"
TABLES = {
    "company": schema(
        "id: id ; text: property_name property_domain property_industry property_city",
        "number: property_numberofemployees property_annualrevenue ; utc: property_createdate",
        _LOADED,
    ),
    "deal_pipeline_stage": schema(
        "text: stage_id pipeline_id label ; number: display_order ; float: probability",
        "flag: active closed_won",
        _LOADED,
    ),
    "deal": schema(
        "id: deal_id ; text: deal_pipeline_id deal_pipeline_stage_id ; id: portal_id",
        "text: property_dealname ; money: property_amount ; text: property_deal_currency_code",
        "utc: property_closedate property_createdate property_hs_lastmodifieddate",
        _LOADED,
    ),
    "deal_contact": schema(
        "id: deal_id contact_id type_id ; text: category ; utc: _fivetran_synced ; flag: _fivetran_deleted"
    ),
    "merged_deal": schema("id: deal_id merged_deal_id ; utc: _fivetran_synced"),
}
COMPANIES = (
    ("Refugios del Norte", "refugios.example", "Leisure", "Huesca", 14),
    ("Escuela Vertical", "vertical.example", "Education", "Madrid", 22),
    ("Guies Pirineu", "guies.example", "Leisure", "Lleida", 9),
    ("Nevada Rescate", "rescate.example", "Public safety", "Granada", 61),
    ("Torre Obras", "obras.example", "Construction", "Bilbao", 240),
    ("Bosque Vivo", "bosque.example", "Forestry", "Soria", 35),
)
# The stage, its name, and how likely a deal in it is won.
STAGES = (
    ("appointmentscheduled", "Talks", 0.2),
    ("contractsent", "Offer sent", 0.8),
    ("closedwon", "Won", 1.0),
    ("closedlost", "Lost", 0.0),
)
_WON = 2
_TRADE = ("Ropes", "Snow shoes", "Helmets", "Jackets")


def _make(rng: np.random.Generator, world: World) -> Made:
    people = world.people
    known = people.crm & works_for(people.key) & (people.joined < people.now - 40 * DAY)
    buyer = np.flatnonzero(known & chance(rng, people.count, 0.6))
    owner = np.repeat(buyer, 1 + choice(rng, len(buyer), [0.7, 0.2, 0.1]))
    number = 900_000_000 + people.key[owner] * 8 + nth(owner)
    merged = chance(rng, len(owner), 0.1)
    deals = _deals(rng, world, owner, number)
    loaded = deals.column("_fivetran_synced")
    ties: dict[str, object] = {
        "deal_id": number,
        "contact_id": contact_id(people, owner),
        "type_id": 3,
        "category": "HUBSPOT_DEFINED",
        "_fivetran_deleted": False,
        "_fivetran_synced": loaded,
    }
    merges: dict[str, object] = {
        "deal_id": number[merged],
        "merged_deal_id": number[merged] + 4,
        "_fivetran_synced": loaded.filter(pa.array(merged)),
    }
    return Made(
        {
            "deal": pa.concat_tables([deals, _doubles(deals, number, merged)]),
            "deal_contact": table(TABLES["deal_contact"], len(owner), ties),
            "merged_deal": table(TABLES["merged_deal"], int(merged.sum()), merges),
        },
        # Whose these contacts are stands in the truth already.
        TRUTH.empty_table(),
    )


def _deals(rng: np.random.Generator, world: World, owner: Ints, number: Ints) -> pa.Table:
    people, count = world.people, len(owner)
    began = between(rng, np.maximum(people.joined[owner], people.now - 500 * DAY), people.now - 5 * DAY)
    lasted = (rng.exponential(30.0, count) * DAY).astype(np.int64) // 1000 * 1000
    ended = np.minimum(began + lasted, people.now - HOUR)
    stage = choice(rng, count, [0.15, 0.15, 0.45, 0.25])
    columns: dict[str, object] = {
        "deal_id": number,
        "deal_pipeline_id": "default",
        "deal_pipeline_stage_id": pick([name for name, _, _ in STAGES], stage),
        "portal_id": PORTAL,
        "property_dealname": pick(_TRADE, number % len(_TRADE)),
        "property_amount": money(rng.integers(200, 9_000, count) * 100),
        "property_deal_currency_code": where(number % 23 == 0, "USD", pa.repeat("EUR", count)),
        # Of what is still open: when it should be won.
        "property_closedate": times(np.where(stage < _WON, people.now + 30 * DAY, ended), None, "UTC"),
        "property_createdate": times(began, None, "UTC"),
        "property_hs_lastmodifieddate": times(ended, None, "UTC"),
        "_fivetran_deleted": chance(rng, count, 0.02),
        "_fivetran_synced": times(synced(ended, people.now), None, "UTC"),
    }
    return table(TABLES["deal"], count, columns)


def _doubles(deals: pa.Table, number: Ints, merged: Bools) -> pa.Table:
    """Deals that were entered a second time and merged later: the loader leaves both."""
    doubles = deals.filter(pa.array(merged))
    return doubles.set_column(0, doubles.schema.field(0), pa.array(number[merged] + 4))


def _house(now: datetime) -> Named:
    since = now - timedelta(days=900)
    loaded = {"_fivetran_deleted": False, "_fivetran_synced": since}
    companies = [
        {
            **{"id": FIRST_COMPANY + place, "property_name": name, "property_domain": domain},
            **{"property_industry": industry, "property_city": city, "property_createdate": since},
            **{"property_numberofemployees": staff, "property_annualrevenue": staff * 45_000, **loaded},
        }
        for place, (name, domain, industry, city, staff) in enumerate(COMPANIES)
    ]
    stages = [
        {
            **{"stage_id": stage, "pipeline_id": "default", "label": label, "display_order": place},
            **{"probability": probability, "closed_won": probability == 1.0, "active": True, **loaded},
        }
        for place, (stage, label, probability) in enumerate(STAGES)
    ]
    return {
        "company": pa.Table.from_pylist(companies, TABLES["company"]),
        "deal_pipeline_stage": pa.Table.from_pylist(stages, TABLES["deal_pipeline_stage"]),
    }


HUBSPOT_SALES = Room(
    "hubspot_sales",
    "hubspot",
    22,
    TABLES,
    _make,
    _house,
    keys=dict.fromkeys(("deal", "deal_contact", "merged_deal"), "deal_id"),
)
