"""Whom the charity knows: contacts and their households, leads, merges, answers to campaigns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    DAY,
    HOUR,
    Bools,
    Ints,
    chance,
    choice,
    join,
    numbered,
    only,
    pick,
    table,
    times,
    where,
)
from kith.demo.people import WITHDRAWN
from kith.demo.sources.room import World
from kith.demo.sources.salesforce.shape import TABLES, contact_id, stamps
from kith.demo.writing import written_email, written_name, written_phone

CAMPAIGNS = ("701000000000001", "701000000000002")
_SOURCES = ("Web", "Fair", "Partner Referral", "Phone Inquiry")


def _household(world: World, owner: Ints, contact: Bools) -> Ints:
    """The number of each person's account: of a couple who are both contacts, the first one's."""
    rows = np.arange(world.people.count)
    partner = world.people.partner
    joint = (partner >= 0) & contact & contact[partner] & (partner < rows)
    key: Ints = world.people.key[np.where(joint, partner, rows)[owner]]
    return key


def _account_id(number: Ints) -> pa.Array:
    return numbered("001", number, 15)


def shares_address(world: World, contact: Bools) -> Bools:
    """Couples who are both contacts, most of whom gave one address for the two."""
    partner = world.people.partner
    key = world.people.key
    first = np.where(partner >= 0, np.minimum(key, key[partner]), key)
    shares: Bools = (partner >= 0) & contact & contact[partner] & (first // 2 % 4 < 3)
    return shares


def merged_id(world: World, owner: Ints) -> pa.Array:
    """The id of the contact that was merged into each person's."""
    return numbered("003", world.people.key[owner] * 2 + 1, 15)


def lead_id(world: World, owner: Ints) -> pa.Array:
    """The id of each person's lead."""
    return numbered("00Q", world.people.key[owner], 15)


def contacts(rng: np.random.Generator, world: World, owner: Ints, created: Ints, contact: Bools) -> pa.Table:
    """Contacts; some couples with one address, of whom one gave an own one too."""
    people, index, count = world.people, pa.array(owner), len(owner)
    rows, home = np.arange(people.count), people.home(owner)
    shares = shares_address(world, contact)
    first = np.where(shares & (people.partner < rows), people.partner, rows)[owner]
    address = written_email(rng, people.address_at(first, created), typos=0.005)
    own = shares[owner] & (first != owner) & (people.key[owner] // 2 % 2 == 1)
    out = (people.consent[owner] == WITHDRAWN) & ~people.left_in_crm[owner] & chance(rng, count, 0.3)
    changed = np.where(out, people.decided[owner], np.minimum(created + DAY, people.now - HOUR))
    columns: dict[str, object] = {
        "id": contact_id(world, owner),
        "account_id": _account_id(_household(world, owner, contact)),
        "first_name": people.given.take(index),
        "last_name": people.family.take(index),
        "birthdate": only(chance(rng, count, 0.3), people.birthday(owner).cast(pa.date32())),
        "email": only(~shares[owner], address),
        "npe_01_home_email_c": only(shares[owner], address),
        "npe_01_alternate_email_c": only(own, people.address_at(owner, created)),
        "npe_01_preferred_email_c": only(shares[owner], pa.repeat("Personal", count)),
        "mobile_phone": only(chance(rng, count, 0.5), written_phone(rng, people.phone[owner], 0.01)),
        **{"mailing_street": home.street, "mailing_city": home.city, "mailing_postal_code": home.postcode},
        **{"mailing_state": home.province, "mailing_country": "Spain"},
        **{"has_opted_out_of_email": out, "npsp_do_not_contact_c": False, "npsp_deceased_c": False},
        **stamps(world, created, np.maximum(changed, created)),
    }
    return table(TABLES["contact"], count, columns)


def merged(rng: np.random.Generator, world: World, owner: Ints, created: Ints) -> pa.Table:
    """Contacts that were lost in a merge: they lie in the bin and name the one that stayed."""
    people, index, count = world.people, pa.array(owner), len(owner)
    moment = np.minimum(created + 20 * DAY, people.now - HOUR)
    columns: dict[str, object] = {
        "id": merged_id(world, owner),
        "first_name": people.given.take(index),
        "last_name": people.family.take(index),
        "email": only(chance(rng, count, 0.6), people.address_at(owner, np.full(count, people.now))),
        "phone": only(chance(rng, count, 0.5), written_phone(rng, people.phone[owner])),
        "master_record_id": contact_id(world, owner),
        **stamps(world, created, moment),
        "is_deleted": True,
    }
    return table(TABLES["contact"], count, columns)


def accounts(world: World, owner: Ints, contact: Bools) -> pa.Table:
    """Households."""
    number, rows = np.unique(_household(world, owner, contact), return_index=True)
    home = world.people.home(owner[rows])
    created = world.people.joined[owner[rows]]
    columns: dict[str, object] = {
        "id": _account_id(number),
        "name": join(world.people.family.take(pa.array(owner[rows])), " Household"),
        "npe_01_system_account_type_c": "Household Account",
        **{"billing_street": home.street, "billing_city": home.city, "billing_postal_code": home.postcode},
        **{"billing_state": home.province, "billing_country": "Spain"},
        **stamps(world, created, created),
    }
    return table(TABLES["account"], len(rows), columns)


def leads(rng: np.random.Generator, world: World, owner: Ints, contact: Bools) -> pa.Table:
    """Leads; those of people who are contacts were converted."""
    people, index, count = world.people, pa.array(owner), len(owner)
    created = np.minimum(people.joined[owner] + DAY, people.now - 36 * DAY)
    converted = contact[owner]
    moment = np.where(converted, created + 10 * DAY, created)
    source = choice(rng, count, (0.5, 0.3, 0.1, 0.1))
    paid = (source == 0) & chance(rng, count, 0.3)
    address = written_email(rng, people.address_at(owner, created), typos=0.008, invalid=0.008)
    columns: dict[str, object] = {
        "id": lead_id(world, owner),
        "first_name": written_name(rng, people.given.take(index)),
        "last_name": people.family.take(index),
        "email": only(converted | chance(rng, count, 0.95), address),
        "phone": only(~converted | chance(rng, count, 0.3), written_phone(rng, people.phone[owner], 0.01)),
        "lead_source": pick(_SOURCES, source),
        "status": where(converted, "Closed - Converted", pa.repeat("Open - Not Contacted", count)),
        "utm_source_c": only(paid, pa.repeat("search", count)),
        "utm_medium_c": only(paid, pa.repeat("cpc", count)),
        "utm_campaign_c": only(paid, pa.repeat("mountain_rescue", count)),
        "gclid_c": only(paid, numbered("Cj0KCQ", people.key[owner], 20)),
        "is_converted": converted,
        "converted_contact_id": only(converted, contact_id(world, owner)),
        "converted_account_id": only(converted, _account_id(_household(world, owner, contact))),
        "converted_date": times(moment, converted, "UTC"),
        "has_opted_out_of_email": False,
        **stamps(world, created, moment),
    }
    return table(TABLES["lead"], count, columns)


def members(rng: np.random.Generator, world: World, leads: Ints, contacts: Ints, contact: Bools) -> pa.Table:
    """Leads by the campaign that brought them, and some contacts who answered one."""
    answered = contacts[chance(rng, len(contacts), 0.25)]
    owner, lead = np.concatenate([leads, answered]), np.arange(len(leads) + len(answered)) < len(leads)
    created = np.minimum(world.people.joined[owner] + np.where(lead, DAY, 30 * DAY), world.now - 2 * DAY)
    responded = ~lead | chance(rng, len(owner), 0.4)
    day = times(created).cast(pa.date32(), safe=False)
    columns: dict[str, object] = {
        "id": numbered("00v", world.people.key[owner] * 2 + ~lead, 15),
        "campaign_id": pick(CAMPAIGNS, world.people.key[owner] % 2),
        "lead_id": only(lead, lead_id(world, owner)),
        "contact_id": only(~lead | (lead & contact[owner]), contact_id(world, owner)),
        "status": where(responded, "Responded", pa.repeat("Sent", len(owner))),
        "has_responded": responded,
        "first_responded_date": only(responded, day),
        **stamps(world, created, created),
    }
    return table(TABLES["campaign_member"], len(owner), columns)
