"""Who asked the shop for help, as Fivetran brings it from Zendesk."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    HOUR,
    Ints,
    between,
    chance,
    choice,
    join,
    number_text,
    only,
    pick,
    synced,
    table,
    times,
)
from kith.demo.mess import with_older_versions
from kith.demo.people import People
from kith.demo.schemas import ZENDESK
from kith.demo.writing import written_email, written_name, written_phone

AGENT = 360_000_000_001
ORGANIZATION = 370_000_000_001


def zendesk_tables(rng: np.random.Generator, people: People) -> dict[str, pa.Table]:
    """Every table of the schema `zendesk` for these people, but for agents and organisations."""
    rows = np.flatnonzero(people.support)
    owner = rows[people.joined[rows] < people.now - 3 * DAY]
    row = np.repeat(np.arange(len(owner)), np.minimum(rng.geometric(0.65, len(owner)), 5))
    asked = between(rng, people.joined[owner][row], people.now - 2 * HOUR)
    first = np.full(len(owner), people.now)
    np.minimum.at(first, row, asked)
    ticket = 10_000_000 + people.key[0] * 5 + np.arange(len(row))
    return {
        "user": with_older_versions(rng, _users(rng, people, owner, first), 0.01),
        "ticket": with_older_versions(rng, _tickets(rng, people, owner[row], ticket, asked), 0.02),
        "ticket_comment": _comments(rng, people, owner[row], ticket, asked),
    }


def user_number(people: People, owner: Ints) -> Ints:
    """Zendesk's number of each person."""
    return 380_000_000_000 + people.key[owner] * 11


def _users(rng: np.random.Generator, people: People, owner: Ints, first: Ints) -> pa.Table:
    index, count = pa.array(owner), len(owner)
    known = people.account[owner] & chance(rng, count, 0.6)
    email = written_email(rng, people.address_at(owner, first), typos=0.01, invalid=0.005)
    updated = np.minimum(first + DAY, people.now)
    columns: dict[str, object] = {
        "id": user_number(people, owner),
        "email": email,
        "phone": only(chance(rng, count, 0.4), written_phone(rng, people.phone[owner], 0.02)),
        "name": join(written_name(rng, people.given.take(index)), " ", people.family.take(index)),
        "external_id": only(known, people.user_id.take(index)),
        "organization_id": pa.array(np.full(count, ORGANIZATION), mask=people.key[owner] % 30 != 0),
        "role": "end-user",
        "created_at": times(first, None, "UTC"),
        "updated_at": times(updated, None, "UTC"),
        "_fivetran_synced": times(synced(updated, people.now), None, "UTC"),
        **{"active": True, "suspended": False, "shared": False, "verified": True, "moderator": False},
        **{"locale": "es", "time_zone": "Madrid", "chat_only": False},
    }
    return table(ZENDESK["user"], count, columns)


def _tickets(rng: np.random.Generator, people: People, owner: Ints, ticket: Ints, asked: Ints) -> pa.Table:
    count = len(ticket)
    age = people.now - asked
    # What is old is closed; of the last week's, half are still open.
    status = np.where(
        age > 7 * DAY, choice(rng, count, (0, 0, 0, 0.3, 0.7)), choice(rng, count, (1, 1, 1, 2, 0))
    )
    updated = np.minimum(asked + 2 * DAY, people.now)
    columns: dict[str, object] = {
        "id": ticket,
        "requester_id": user_number(people, owner),
        "submitter_id": user_number(people, owner),
        "assignee_id": AGENT,
        "subject": pick(pools.SUBJECTS, rng.integers(0, len(pools.SUBJECTS), count)),
        "description": "…",
        "status": pick(("new", "open", "pending", "solved", "closed"), status),
        "priority": pick((None, "low", "normal", "high", "urgent"), rng.integers(0, 5, count)),
        "type": pick((None, "question", "problem"), rng.integers(0, 3, count)),
        "via_channel": pick(("web", "email", "mobile", "chat"), rng.integers(0, 4, count)),
        "created_at": times(asked, None, "UTC"),
        "updated_at": times(updated, None, "UTC"),
        "_fivetran_synced": times(synced(updated, people.now), None, "UTC"),
        **{"allow_channelback": False, "has_incidents": False, "is_public": True, "merged_ticket_ids": "[]"},
    }
    return table(ZENDESK["ticket"], count, columns)


def _comments(rng: np.random.Generator, people: People, owner: Ints, ticket: Ints, asked: Ints) -> pa.Table:
    """Question and answer in turn."""
    counts = 1 + choice(rng, len(ticket), (0.2, 0.4, 0.3, 0.1))
    row = np.repeat(np.arange(len(ticket)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    moment = np.minimum(asked[row] + place * 5 * HOUR, people.now)
    customer = place % 2 == 0
    columns: dict[str, object] = {
        "id": ticket[row] * 10 + place,
        "ticket_id": ticket[row],
        "user_id": np.where(customer, user_number(people, owner[row]), AGENT),
        "body": join("Message ", number_text(place + 1)),
        "public": True,
        "created": times(moment, None, "UTC"),
        "_fivetran_synced": times(synced(moment, people.now), None, "UTC"),
        **{"facebook_comment": False, "tweet": False, "voice_comment": False},
    }
    return table(ZENDESK["ticket_comment"], len(row), columns)
