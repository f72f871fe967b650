"""The mails that the CRM sends, as Fivetran brings them from HubSpot, beside its contacts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    MINUTE,
    Ints,
    chance,
    md5,
    pick,
    synced,
    table,
    times,
    uuids,
    where,
)
from kith.demo.hubspot import PORTAL
from kith.demo.people import NEVER_ASKED
from kith.demo.schemas import schema
from kith.demo.sources.mails import DELIVERED, HARD, Campaign, Mails, make_mails
from kith.demo.sources.room import Made, Named, Room, World, records

_DETAIL = "utc: _fivetran_synced"
TABLES = {
    "email_campaign": schema("id: id app_id ; text: app_name name subject type", _DETAIL),
    "email_event": schema(
        "text: id type ; utc: created ; text: recipient ; id: email_campaign_id portal_id",
        "text: sent_by_event_id ; flag: filtered_event",
        _DETAIL,
    ),
    "email_event_sent": schema("text: id subject from_email", _DETAIL),
    "email_event_open": schema("text: id browser location ; number: duration", _DETAIL),
    "email_event_click": schema("text: id url referer", _DETAIL),
    "email_event_bounce": schema("text: id category response status", _DETAIL),
    "email_event_dropped": schema("text: id drop_reason drop_message subject", _DETAIL),
    "email_event_status_change": schema("text: id bounced portal_subscription_status source", _DETAIL),
}
_SENT, _DELIVERED, _OPEN, _CLICK, _BOUNCE, _DROPPED, _STATUS = range(7)
_TYPES = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "DROPPED", "STATUSCHANGE")
CAMPAIGNS = tuple(
    Campaign(str(88_000_000 + days), name, subject, days)
    for days, name, subject in (
        (13, "Guide: snow shoes", "Your winter guide"),
        (55, "Guide: autumn trails", "Ten trails for autumn"),
        (120, "Guide: high routes", "Above the trees"),
        (210, "Welcome to spring", "Ready for spring?"),
    )
)


class _Happened(NamedTuple):
    """Events by columns: the contact's place in the list, the campaign's, kind and moment."""

    recipient: Ints
    campaign: Ints
    kind: Ints
    moment: Ints
    hard: Ints


def _make(rng: np.random.Generator, world: World) -> Made:
    people, habits = world.people, world.habits
    owner = np.flatnonzero(
        people.crm & (people.consent != NEVER_ASKED) & (people.joined < people.now - 40 * DAY)
    )
    until = np.where(people.left_in_crm, people.decided, habits.left_at)[owner]
    mails = make_mails(rng, world.now, habits.agreed_at[owner], until, CAMPAIGNS)
    happened = _happened(rng, world, owner, mails)
    written = np.unique(happened.recipient)
    address = people.address_at(owner, habits.agreed_at[owner])
    digest = md5(address.take(pa.array(written)))
    return Made(
        _tables(rng, world, address, happened),
        records(world, "hubspot", {"email_recipient": (digest, owner[written])}),
    )


def _happened(rng: np.random.Generator, world: World, owner: Ints, mails: Mails) -> _Happened:
    left_here = world.people.left_in_crm[owner][mails.recipient]
    groups = {
        _SENT: np.arange(len(mails.recipient)),
        _DELIVERED: np.flatnonzero(mails.bounce == DELIVERED),
        _OPEN: np.flatnonzero(mails.opened),
        _CLICK: np.flatnonzero(mails.clicked),
        _BOUNCE: np.flatnonzero(mails.bounce != DELIVERED),
        _STATUS: np.flatnonzero(mails.unsubscribed & left_here),
    }
    row = np.concatenate(list(groups.values()))
    kind = np.repeat(list(groups), [len(rows) for rows in groups.values()])
    minutes = np.array([0.0, 1.0, 300.0, 400.0, 1.0, 0.0, 0.0])[kind]
    moment = (
        mails.sent_at[row] + ((rng.exponential(1.0, len(row)) * minutes + 1) * 60_000).astype(np.int64) * 1000
    )
    decided = world.people.decided[owner][mails.recipient[row]]
    moment = np.where(kind == _STATUS, decided, moment)
    held = _held_back(rng, world, owner)
    return _Happened(
        recipient=np.concatenate([mails.recipient[row], held.recipient]),
        campaign=np.concatenate([mails.campaign[row], held.campaign]),
        kind=np.concatenate([kind, held.kind]),
        moment=np.concatenate([moment, held.moment]),
        hard=np.concatenate([mails.bounce[row] == HARD, held.hard]).astype(np.int64),
    )


def _held_back(rng: np.random.Generator, world: World, owner: Ints) -> _Happened:
    """The last campaign, to those who had told the CRM to stop: HubSpot does not send it."""
    sent = world.now - CAMPAIGNS[0].days * DAY - 120 * MINUTE
    stopped = world.people.left_in_crm[owner] & (world.people.decided[owner] < sent)
    rows = np.flatnonzero(stopped & chance(rng, len(owner), 0.5))
    zero = np.zeros(len(rows), np.int64)
    return _Happened(rows, zero, np.full(len(rows), _DROPPED), np.full(len(rows), sent), zero)


def _tables(rng: np.random.Generator, world: World, address: pa.Array, happened: _Happened) -> Named:
    count, kind = len(happened.kind), happened.kind
    event, subjects = uuids(rng, count), [campaign.subject for campaign in CAMPAIGNS]
    brought = times(synced(happened.moment, world.now), None, "UTC")
    filtered = ((kind == _OPEN) | (kind == _CLICK)) & chance(rng, count, 0.05)
    columns: dict[str, object] = {
        "id": event,
        "type": pick(_TYPES, kind),
        "created": times(happened.moment, None, "UTC"),
        "recipient": address.take(pa.array(happened.recipient)),
        "email_campaign_id": np.array([int(campaign.id) for campaign in CAMPAIGNS])[happened.campaign],
        "portal_id": PORTAL,
        "filtered_event": filtered,
        "_fivetran_synced": brought,
    }
    details: dict[str, tuple[int, dict[str, object]]] = {
        "sent": (
            _SENT,
            {"subject": pick(subjects, happened.campaign), "from_email": "news@shop.example.com"},
        ),
        "open": (_OPEN, {"browser": "Safari", "duration": 4_000}),
        "click": (_CLICK, {"url": f"{pools.SHOP}/guides"}),
        "bounce": (
            _BOUNCE,
            {
                "category": where(happened.hard == 1, "UNKNOWN_USER", pa.repeat("MAILBOX_FULL", count)),
                "status": where(happened.hard == 1, "5.1.1", pa.repeat("4.2.2", count)),
            },
        ),
        "dropped": (_DROPPED, {"drop_reason": "PREVIOUSLY_UNSUBSCRIBED_MESSAGE"}),
        "status_change": (
            _STATUS,
            {"portal_subscription_status": "UNSUBSCRIBED", "source": "SOURCE_RECIPIENT"},
        ),
    }
    made = {"email_event": table(TABLES["email_event"], count, columns)}
    for name, (code, more) in details.items():
        whole = table(
            TABLES[f"email_event_{name}"], count, {"id": event, "_fivetran_synced": brought, **more}
        )
        made[f"email_event_{name}"] = whole.take(pa.array(np.flatnonzero(kind == code)))
    return made


def _house(now: datetime) -> Named:
    campaigns = [
        {
            **{"id": int(campaign.id), "name": campaign.name, "subject": campaign.subject},
            **{
                "type": "BATCH_EMAIL",
                "app_id": 113,
                "app_name": "Batch",
                "_fivetran_synced": campaign.sent(now),
            },
        }
        for campaign in CAMPAIGNS
    ]
    return {"email_campaign": pa.Table.from_pylist(campaigns, TABLES["email_campaign"])}


HUBSPOT_EMAIL = Room("hubspot_email", "hubspot", 15, TABLES, _make, _house)
