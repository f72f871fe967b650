"""The charity's CRM, as Fivetran brings it from Salesforce with NPSP."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from kith.demo.columns import DAY, between, chance
from kith.demo.sources.room import Made, Named, Room, World, records
from kith.demo.sources.salesforce.gifts import gift_tables
from kith.demo.sources.salesforce.people import (
    CAMPAIGNS,
    accounts,
    contacts,
    lead_id,
    leads,
    members,
    merged,
    merged_id,
    shares_address,
)
from kith.demo.sources.salesforce.shape import DONATION, MEMBERSHIP, TABLES, contact_id


def _make(rng: np.random.Generator, world: World) -> Made:
    people = world.people
    known = people.joined < people.now - 40 * DAY
    contact = world.habits.gives_by_bank | (known & chance(rng, people.count, 0.01))
    owner = np.flatnonzero(contact)
    created = between(rng, people.joined[owner], people.now - 35 * DAY)
    twice = chance(rng, len(owner), 0.03) & (people.partner[owner] < 0)
    came = owner[chance(rng, len(owner), 0.35) & ~shares_address(world, contact)[owner]]
    only_lead = np.flatnonzero(known & ~contact & chance(rng, people.count, 0.03))
    led, lost = np.concatenate([came, only_lead]), owner[twice]
    kept = contacts(rng, world, owner, created, contact)
    return Made(
        {
            "account": accounts(world, owner, contact),
            "contact": pa.concat_tables([kept, merged(rng, world, lost, created[twice])]),
            "lead": leads(rng, world, led, contact),
            "campaign_member": members(rng, world, led, owner, contact),
            **gift_tables(rng, world),
        },
        records(
            world,
            "salesforce",
            {
                "contact": (contact_id(world, owner), owner),
                "contact_merge": (merged_id(world, lost), lost),
                "lead": (lead_id(world, led), led),
            },
        ),
    )


def _house(now: datetime) -> Named:
    opened = now - timedelta(days=1500)
    row = {
        **{"is_deleted": False, "_fivetran_deleted": False, "created_date": opened},
        **{"last_modified_date": opened, "system_modstamp": opened, "_fivetran_synced": opened},
    }
    kinds = [
        {"id": place, "name": name, "developer_name": name, "sobject_type": "Opportunity", **row}
        for place, name in ((DONATION, "Donation"), (MEMBERSHIP, "Membership"))
    ]
    campaigns = [
        {"id": place, "name": name, "type": "Event", "is_active": True, **row}
        for place, name in zip(CAMPAIGNS, ("Mountain day", "Winter appeal"), strict=True)
    ]
    return {
        "record_type": pa.Table.from_pylist(kinds, TABLES["record_type"]),
        "campaign": pa.Table.from_pylist(campaigns, TABLES["campaign"]),
    }


SALESFORCE = Room("salesforce", "salesforce", 17, TABLES, _make, _house)
