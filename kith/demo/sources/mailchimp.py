"""The charity's newsletter, as Fivetran brings it from Mailchimp."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo.columns import (
    HOUR,
    MINUTE,
    Ints,
    chance,
    md5,
    only,
    pick,
    synced,
    table,
    times,
    where,
)
from kith.demo.schemas import schema
from kith.demo.sources.habits import NEVER
from kith.demo.sources.mails import DELIVERED, HARD, Campaign, Mails, make_mails
from kith.demo.sources.room import Made, Named, Room, World, records
from kith.demo.writing import written_phone

LIST = "a1f0c3e9d2"
PAGE = "https://refugio.example.org"
TABLES = {
    "member": schema(
        "text: id list_id email_address unique_email_id status merge_fname merge_lname merge_phone",
        "utc: timestamp_signup timestamp_opt last_changed _fivetran_synced ; flag: _fivetran_deleted",
    ),
    "list": schema("text: id name ; utc: date_created _fivetran_synced ; flag: _fivetran_deleted"),
    "campaign": schema("text: id list_id title subject_line status ; utc: send_time _fivetran_synced"),
    "campaign_recipient": schema(
        "text: campaign_id member_id list_id combination_id ; utc: _fivetran_synced"
    ),
    "campaign_recipient_activity": schema(
        "text: campaign_id member_id list_id action ; utc: timestamp ; text: url ip bounce_type",
        "utc: _fivetran_synced",
    ),
    "unsubscribe": schema(
        "text: campaign_id member_id list_id ; utc: timestamp ; text: reason ; utc: _fivetran_synced"
    ),
}
CAMPAIGNS = tuple(
    Campaign(f"mc{days:06}", name, subject, days)
    for days, name, subject in (
        (9, "Winter appeal", "Before the snow"),
        (40, "Autumn letter", "What you made possible"),
        (100, "Summer letter", "From the refuge"),
        (190, "Spring appeal", "The paths need you"),
        (280, "Yearly report", "A year in the mountains"),
    )
)


def _make(rng: np.random.Generator, world: World) -> Made:
    owner = np.flatnonzero(world.habits.news)
    signed_up = world.habits.agreed_at[owner]
    address = world.people.address_at(owner, signed_up)
    member = md5(address)
    mails = make_mails(rng, world.now, signed_up, world.habits.left_at[owner], CAMPAIGNS)
    return Made(
        {
            "member": _members(rng, world, owner, address, member),
            "campaign_recipient": _recipients(world, member, mails),
            "campaign_recipient_activity": _activity(rng, world, member, mails),
            "unsubscribe": _unsubscribes(world, owner, member, mails),
        },
        records(world, "mailchimp", {"member": (member, owner)}),
    )


def _members(
    rng: np.random.Generator, world: World, owner: Ints, address: pa.Array, member: pa.Array
) -> pa.Table:
    people, index, count = world.people, pa.array(owner), len(owner)
    signed_up, left_at = world.habits.agreed_at[owner], world.habits.left_at[owner]
    left = left_at != NEVER
    changed = np.where(left, left_at, np.minimum(signed_up + HOUR, world.now))
    columns: dict[str, object] = {
        "id": member,
        "list_id": LIST,
        "email_address": address,
        "unique_email_id": pc.utf8_slice_codeunits(member, 0, 10),
        "status": where(left, "unsubscribed", pa.repeat("subscribed", count)),
        "merge_fname": people.given.take(index),
        "merge_lname": people.family.take(index),
        "merge_phone": only(chance(rng, count, 0.15), written_phone(rng, people.phone[owner])),
        "timestamp_signup": times(signed_up, None, "UTC"),
        "timestamp_opt": times(signed_up, None, "UTC"),
        "last_changed": times(changed, None, "UTC"),
        "_fivetran_synced": times(synced(changed, world.now), None, "UTC"),
        "_fivetran_deleted": False,
    }
    return table(TABLES["member"], count, columns)


def _of(member: pa.Array, mails: Mails, rows: Ints) -> dict[str, object]:
    return {
        "campaign_id": pick([campaign.id for campaign in CAMPAIGNS], mails.campaign[rows]),
        "member_id": member.take(pa.array(mails.recipient[rows])),
        "list_id": LIST,
    }


def _recipients(world: World, member: pa.Array, mails: Mails) -> pa.Table:
    rows = np.arange(len(mails.recipient))
    brought = times(synced(mails.sent_at, world.now), None, "UTC")
    return table(
        TABLES["campaign_recipient"], len(rows), {**_of(member, mails, rows), "_fivetran_synced": brought}
    )


def _activity(rng: np.random.Generator, world: World, member: pa.Array, mails: Mails) -> pa.Table:
    groups = (
        np.flatnonzero(mails.opened),
        np.flatnonzero(mails.clicked),
        np.flatnonzero(mails.bounce != DELIVERED),
    )
    row = np.concatenate(groups)
    action = np.repeat(np.arange(3), [len(rows) for rows in groups])
    moment = mails.after(rng, row, 240)
    columns: dict[str, object] = {
        **_of(member, mails, row),
        "action": pick(("open", "click", "bounce"), action),
        "timestamp": times(moment, None, "UTC"),
        "url": only(action == 1, pa.repeat(f"{PAGE}/donate", len(row))),
        "bounce_type": only(
            action == 2, where(mails.bounce[row] == HARD, "hard", pa.repeat("soft", len(row)))
        ),
        "_fivetran_synced": times(synced(moment, world.now), None, "UTC"),
    }
    return table(TABLES["campaign_recipient_activity"], len(row), columns)


def _unsubscribes(world: World, owner: Ints, member: pa.Array, mails: Mails) -> pa.Table:
    rows = np.flatnonzero(mails.unsubscribed)
    moment = np.minimum(world.habits.left_at[owner[mails.recipient[rows]]], world.now - MINUTE)
    columns: dict[str, object] = {
        **_of(member, mails, rows),
        "timestamp": times(moment, None, "UTC"),
        "reason": "None given",
        "_fivetran_synced": times(synced(moment, world.now), None, "UTC"),
    }
    return table(TABLES["unsubscribe"], len(rows), columns)


def _house(now: datetime) -> Named:
    opened = now.replace(year=now.year - 3)
    lists = [{"id": LIST, "name": "Refugio letter", "date_created": opened, "_fivetran_synced": opened}]
    campaigns = [
        {
            **{"id": campaign.id, "list_id": LIST, "title": campaign.name, "subject_line": campaign.subject},
            **{"status": "sent", "send_time": campaign.sent(now), "_fivetran_synced": campaign.sent(now)},
        }
        for campaign in CAMPAIGNS
    ]
    found = {"list": lists, "campaign": campaigns}
    return {name: pa.Table.from_pylist(rows, TABLES[name]) for name, rows in found.items()}


MAILCHIMP = Room("mailchimp", "mailchimp", 14, TABLES, _make, _house)
