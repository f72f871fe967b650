"""The shop's mails, as Fivetran brings them from Klaviyo."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    HOUR,
    Ints,
    chance,
    numbered,
    only,
    pick,
    synced,
    table,
    times,
    uuids,
    where,
)
from kith.demo.people import NEVER_ASKED
from kith.demo.schemas import schema
from kith.demo.sources.habits import NEVER
from kith.demo.sources.mails import DELIVERED, HARD, Campaign, Mails, make_mails
from kith.demo.sources.room import Made, Named, Room, World, records
from kith.demo.trade import LEFT
from kith.demo.writing import written_phone

TABLES = {
    "person": schema(
        "text: id email phone_number first_name last_name address_1 city zip region country custom_consent",
        "utc: custom_consent_timestamp ; text: custom_consent_form_version",
        "utc: created updated _fivetran_synced ; flag: _fivetran_deleted",
    ),
    "event": schema(
        "text: id person_id metric_id campaign_id flow_id ; utc: datetime",
        "text: type property_url property_subject property_bounce_type ; utc: _fivetran_synced",
    ),
    "metric": schema("text: id name ; utc: created updated _fivetran_synced"),
    "campaign": schema("text: id name subject status ; utc: sent_at _fivetran_synced"),
    "flow": schema("text: id name status ; utc: created _fivetran_synced"),
}
_RECEIVED, _OPENED, _CLICKED, _BOUNCED, _LEFT, _SPAM, _ORDERED = range(7)
METRICS = (
    "Received Email",
    "Opened Email",
    "Clicked Email",
    "Bounced Email",
    "Unsubscribed from Email Marketing",
    "Marked Email as Spam",
    "Placed Order",
)
FLOW = "KFCART"
CAMPAIGNS = tuple(
    Campaign(f"KC{days:03}", f"{name} {days // 30}", subject, days)
    for days, name, subject in (
        (6, "Winter boots", "Warm feet"),
        (27, "Autumn trail", "The trails are yours"),
        (48, "Rain week", "It will rain"),
        (75, "New in", "Just unpacked"),
        (110, "Summer sale", "Half the price"),
        (150, "Light packs", "Less is more"),
        (200, "Spring", "Out again"),
    )
)


def _make(rng: np.random.Generator, world: World) -> Made:
    owner = np.flatnonzero(world.habits.shop_mail)
    person = numbered("01HX", world.people.key[owner] * 31, 22)
    mails = make_mails(rng, world.now, world.habits.agreed_at[owner], world.habits.left_at[owner], CAMPAIGNS)
    events = [
        _mail_events(rng, world, owner, person, mails),
        _reminders(rng, world, owner, person),
        _orders(rng, world, owner, person),
    ]
    return Made(
        {"person": _people(rng, world, owner, person), "event": pa.concat_tables(events)},
        records(world, "klaviyo", {"person": (person, owner)}),
    )


def _people(rng: np.random.Generator, world: World, owner: Ints, person: pa.Array) -> pa.Table:
    people, index, count = world.people, pa.array(owner), len(owner)
    created = people.joined[owner] + HOUR
    agreed = people.consent[owner] != NEVER_ASKED
    changed = np.maximum(created, np.minimum(people.decided[owner], world.now - HOUR))
    home, texts = people.home(owner), chance(rng, count, 0.2)
    columns: dict[str, object] = {
        "id": person,
        "email": people.address_at(owner, created),
        "phone_number": only(chance(rng, count, 0.3), written_phone(rng, people.phone[owner])),
        "first_name": people.given.take(index),
        "last_name": people.family.take(index),
        **{"address_1": home.street, "city": home.city, "zip": home.postcode, "region": home.province},
        "country": "Spain",
        "custom_consent": only(agreed, where(texts, '["email","sms"]', pa.repeat('["email"]', count))),
        "custom_consent_timestamp": times(world.habits.agreed_at[owner], agreed, "UTC"),
        "custom_consent_form_version": only(agreed, pa.repeat("2025-01", count)),
        "created": times(created, None, "UTC"),
        "updated": times(changed, None, "UTC"),
        "_fivetran_synced": times(synced(changed, world.now), None, "UTC"),
        "_fivetran_deleted": False,
    }
    return table(TABLES["person"], count, columns)


def _events(
    rng: np.random.Generator, world: World, person: pa.Array, metric: Ints, moment: Ints, **more: pa.Array
) -> pa.Table:
    count = len(metric)
    columns: dict[str, object] = {
        "id": uuids(rng, count),
        "person_id": person,
        "metric_id": pick([f"KM{place}" for place in range(len(METRICS))], metric),
        "datetime": times(moment, None, "UTC"),
        # Only some syncs write the metric's name beside its id.
        "type": only(chance(rng, count, 0.6), pick(METRICS, metric)),
        "_fivetran_synced": times(synced(moment, world.now), None, "UTC"),
        **more,
    }
    return table(TABLES["event"], count, columns)


def _mail_events(
    rng: np.random.Generator, world: World, owner: Ints, person: pa.Array, mails: Mails
) -> pa.Table:
    groups = {
        _RECEIVED: np.flatnonzero(mails.bounce == DELIVERED),
        _OPENED: np.flatnonzero(mails.opened),
        _CLICKED: np.flatnonzero(mails.clicked),
        _BOUNCED: np.flatnonzero(mails.bounce != DELIVERED),
        _LEFT: np.flatnonzero(mails.unsubscribed),
        _SPAM: np.flatnonzero(mails.unsubscribed & (mails.recipient % 11 == 0)),
    }
    row = np.concatenate(list(groups.values()))
    metric = np.repeat(list(groups), [len(rows) for rows in groups.values()])
    minutes = np.array([0.1, 200.0, 260.0, 0.2, 0.0, 0.0])[metric]
    moment = (
        mails.sent_at[row] + ((rng.exponential(1.0, len(row)) * minutes + 1) * 60_000).astype(np.int64) * 1000
    )
    left = (metric == _LEFT) | (metric == _SPAM)
    moment = np.where(left, world.habits.left_at[owner[mails.recipient[row]]], moment)
    return _events(
        rng,
        world,
        person.take(pa.array(mails.recipient[row])),
        metric,
        np.minimum(moment, world.now),
        campaign_id=pick([campaign.id for campaign in CAMPAIGNS], mails.campaign[row]),
        property_subject=pick([campaign.subject for campaign in CAMPAIGNS], mails.campaign[row]),
        property_url=only(metric == _CLICKED, pa.repeat(f"{pools.SHOP}/new", len(row))),
        property_bounce_type=only(
            metric == _BOUNCED,
            where(mails.bounce[row] == HARD, "Hard", pa.repeat("Soft", len(row))),
        ),
    )


def _reminders(rng: np.random.Generator, world: World, owner: Ints, person: pa.Array) -> pa.Table:
    """A mail to those who left a cart in the last days, two hours later."""
    carts, place = world.carts, _places(world, owner)
    sent = carts.left_at + 2 * HOUR
    agreed = world.habits.agreed_at[carts.owner] < carts.left_at
    fits = (carts.outcome == LEFT) & agreed & (sent < world.now)
    rows = np.flatnonzero(fits & (place[carts.owner] >= 0) & (world.habits.left_at[carts.owner] == NEVER))
    return _events(
        rng,
        world,
        person.take(pa.array(place[carts.owner[rows]])),
        np.full(len(rows), _RECEIVED),
        sent[rows],
        flow_id=pa.repeat(FLOW, len(rows)),
        property_subject=pa.repeat("You left something behind", len(rows)),
    )


def _places(world: World, owner: Ints) -> Ints:
    """For each person the place among the profiles, −1 for those without."""
    place = np.full(world.people.count, -1, np.int64)
    place[owner] = np.arange(len(owner))
    return place


def _orders(rng: np.random.Generator, world: World, owner: Ints, person: pa.Array) -> pa.Table:
    """What the shop tells Klaviyo, which is no mail."""
    rows = np.flatnonzero(chance(rng, len(owner), 0.2))
    start = world.people.joined[owner[rows]] + DAY
    moment = start + (rng.random(len(rows)) * (world.now - start)).astype(np.int64) // 1000 * 1000
    return _events(rng, world, person.take(pa.array(rows)), np.full(len(rows), _ORDERED), moment)


def _house(now: datetime) -> Named:
    opened = now.replace(year=now.year - 3)
    stamps = {"created": opened, "updated": opened, "_fivetran_synced": opened}
    metrics = [{"id": f"KM{place}", "name": name, **stamps} for place, name in enumerate(METRICS)]
    campaigns = [
        {
            **{"id": campaign.id, "name": campaign.name, "subject": campaign.subject, "status": "Sent"},
            **{"sent_at": campaign.sent(now), "_fivetran_synced": campaign.sent(now)},
        }
        for campaign in CAMPAIGNS
    ]
    flows = [
        {"id": FLOW, "name": "Cart reminder", "status": "live", "created": opened, "_fivetran_synced": opened}
    ]
    found = {"metric": metrics, "campaign": campaigns, "flow": flows}
    return {name: pa.Table.from_pylist(rows, TABLES[name]) for name, rows in found.items()}


KLAVIYO = Room("klaviyo", "klaviyo", 13, TABLES, _make, _house)
