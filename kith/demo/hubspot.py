"""Contacts, their form submissions and their merges, as Fivetran brings them from HubSpot."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    HOUR,
    Bools,
    Ints,
    between,
    chance,
    number_text,
    only,
    pick,
    synced,
    table,
    times,
)
from kith.demo.people import GRANTED, People
from kith.demo.schemas import HUBSPOT
from kith.demo.writing import written_email, written_name, written_phone

PORTAL = 25_000_001
FIRST_COMPANY = 70_000_001


def hubspot_tables(rng: np.random.Generator, people: People) -> dict[str, pa.Table]:
    """Every table of the schema `hubspot` for these people, but for the forms."""
    rows = np.flatnonzero(people.crm)
    owner = rows[people.joined[rows] < people.now - 3 * DAY]
    created = between(rng, people.joined[owner], people.now - 2 * DAY)
    merged = chance(rng, len(owner), 0.02)
    contacts = _contacts(rng, people, owner, created, merged)
    return {
        "contact": pa.concat_tables(
            [
                contacts,
                _merged_contacts(rng, people, owner[merged], created[merged]),
                _bad_dates(rng, contacts),
            ]
        ),
        "contact_form_submission": _submissions(rng, people, owner, created),
        "contact_merge_audit": _merges(people, owner[merged], created[merged]),
    }


def contact_id(people: People, owner: Ints) -> Ints:
    """HubSpot's number of each person; the next number is a second contact that was merged into it."""
    return 200_000_000 + people.key[owner] * 4


def works_for(key: Ints) -> Bools:
    """Whether the CRM knows these people's company: one of six, whose ids follow FIRST_COMPANY."""
    works: Bools = key % 7 == 3
    return works


def _contacts(
    rng: np.random.Generator, people: People, owner: Ints, created: Ints, merged: Bools
) -> pa.Table:
    index, count = pa.array(owner), len(owner)
    left = people.left_in_crm[owner]
    modified = np.maximum(created, np.where(left, people.decided[owner], created + HOUR))
    modified = np.minimum(modified, people.now - HOUR // 60)
    email = written_email(rng, people.address_at(owner, created), typos=0.012, invalid=0.012)
    identity = contact_id(people, owner)
    columns: dict[str, object] = {
        "id": identity,
        "property_email": only(chance(rng, count, 0.98), email),
        "property_phone": only(chance(rng, count, 0.5), written_phone(rng, people.phone[owner], 0.03)),
        "property_firstname": written_name(rng, people.given.take(index)),
        "property_lastname": written_name(rng, people.family.take(index)),
        "property_createdate": _text(created),
        "property_lifecyclestage": _stages(people, owner),
        "property_hs_email_optout": pa.array(left, mask=~left & (people.consent[owner] != GRANTED)),
        "property_lastmodifieddate": times(modified, None, "UTC"),
        "property_address": people.street.take(index),
        "property_city": pick([city.name for city in pools.CITIES], people.city[owner]),
        "property_state": pick([city.province for city in pools.CITIES], people.city[owner]),
        "property_date_of_birth": only(chance(rng, count, 0.4), people.birthday(owner)),
        "property_country": "Spain",
        "property_hs_merged_object_ids": only(merged, number_text(identity + 1)),
        "property_associatedcompanyid": pa.array(
            FIRST_COMPANY + people.key[owner] % 6, mask=~works_for(people.key[owner])
        ),
        "_fivetran_deleted": False,
        "_fivetran_synced": times(synced(modified, people.now), None, "UTC"),
    }
    return table(HUBSPOT["contact"], count, columns)


def _text(moment: Ints) -> pa.Array:
    return times(moment).cast(pa.timestamp("s"), safe=False).cast(pa.string())


def _stages(people: People, owner: Ints) -> pa.Array:
    buys = (people.shops | people.guest)[owner]
    stages = ("subscriber", "lead", "marketingqualifiedlead", "customer")
    return pick(stages, np.where(buys, 3, people.key[owner] % 3))


def _merged_contacts(rng: np.random.Generator, people: People, owner: Ints, created: Ints) -> pa.Table:
    """The contacts that were merged away; the loader has not yet noticed for one in three."""
    seen = times(synced(created + HOUR, people.now), None, "UTC")
    columns: dict[str, object] = {
        "id": contact_id(people, owner) + 1,
        "property_email": None,
        "property_phone": written_phone(rng, people.phone[owner]),
        "property_firstname": written_name(rng, people.given.take(pa.array(owner))),
        "property_createdate": _text(created),
        "property_lifecyclestage": "lead",
        "property_lastmodifieddate": times(created, None, "UTC"),
        "_fivetran_deleted": people.key[owner] % 3 != 0,
        "_fivetran_synced": seen,
    }
    return table(HUBSPOT["contact"], len(owner), columns)


def _bad_dates(rng: np.random.Generator, contacts: pa.Table) -> pa.Table:
    """A few imported contacts whose creation date is a word and who can be reached by nothing."""
    count = min(contacts.num_rows, 1 + contacts.num_rows // 4000)
    if not count:
        return contacts.slice(0, 0)
    some = contacts.take(pa.array(rng.integers(0, contacts.num_rows, count)))
    identity = some.column("id").to_numpy() + 2
    columns: dict[str, object] = {
        "id": np.unique(identity),
        "property_createdate": "last spring",
        "property_company": "Imported",
        "_fivetran_deleted": False,
        "_fivetran_synced": some.column("_fivetran_synced").slice(0, len(np.unique(identity))),
    }
    return table(HUBSPOT["contact"], len(np.unique(identity)), columns)


def _merges(people: People, owner: Ints, created: Ints) -> pa.Table:
    moment = np.minimum(created + DAY, people.now - HOUR)
    columns: dict[str, object] = {
        "canonical_vid": contact_id(people, owner),
        "contact_id": contact_id(people, owner),
        "vid_to_merge": contact_id(people, owner) + 1,
        "num_properties_moved": 2,
        "timestamp": times(moment, None, "UTC"),
        "_fivetran_synced": times(synced(moment, people.now), None, "UTC"),
    }
    return table(HUBSPOT["contact_merge_audit"], len(owner), columns)


def _submissions(rng: np.random.Generator, people: People, owner: Ints, created: Ints) -> pa.Table:
    row = np.repeat(np.arange(len(owner)), np.minimum(rng.poisson(0.8, len(owner)), 3))
    form = rng.integers(0, len(pools.FORMS), len(row))
    moment = between(rng, created[row], people.now - HOUR)
    identity = contact_id(people, owner[row])
    columns: dict[str, object] = {
        "contact_id": identity,
        "form_id": pick([guid for guid, _, _ in pools.FORMS], form),
        "conversion_id": number_text(identity * 100 + np.arange(len(row)) % 100),
        "page_url": pick([pools.SHOP + path for _, _, path in pools.FORMS], form),
        "title": pick([name for _, name, _ in pools.FORMS], form),
        "portal_id": PORTAL,
        "timestamp": times(moment, None, "UTC"),
        "_fivetran_synced": times(synced(moment, people.now), None, "UTC"),
    }
    return table(HUBSPOT["contact_form_submission"], len(row), columns)
