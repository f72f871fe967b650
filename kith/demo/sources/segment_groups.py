"""Mountain clubs whose members shop together: Segment's calls of groups, beside its other tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import MINUTE, SECOND, chance, numbered, pick, table, times, uuids
from kith.demo.devices import NEVER
from kith.demo.schemas import schema
from kith.demo.sources.room import Made, Room, World, records

TABLES = {
    "groups": schema(
        "text: id anonymous_id user_id ; time: received_at sent_at timestamp ; text: group_id name industry",
        "number: employees ; text: context_library_name context_locale",
    ),
}
CLUBS = ("Club Alpino Norte", "Grupo Senderista", "Amics de la Muntanya", "Mendizale Taldea")


def _make(rng: np.random.Generator, world: World) -> Made:
    devices = world.devices
    rows = np.flatnonzero((devices.login_at != NEVER) & ~devices.shared & chance(rng, devices.count, 0.05))
    owner, count = devices.owner[rows], len(rows)
    moment = np.minimum(devices.login_at[rows] + 5 * MINUTE, world.now - MINUTE)
    club = world.people.key[owner] % len(CLUBS)
    columns: dict[str, object] = {
        "id": uuids(rng, count),
        "anonymous_id": devices.anonymous_id.take(pa.array(rows)),
        "user_id": world.people.user_id.take(pa.array(owner)),
        "timestamp": times(moment),
        "sent_at": times(moment),
        "received_at": times(moment + SECOND),
        "group_id": numbered("club-", club, 3),
        "name": pick(CLUBS, club),
        "industry": "Sport",
        "context_library_name": "analytics.js",
        "context_locale": "es-ES",
    }
    # Their users and devices stand in the truth already.
    return Made(
        {"groups": table(TABLES["groups"], count, columns)}, records(world, "segment", {"user": _nobody()})
    )


def _nobody() -> tuple[pa.Array, np.ndarray]:
    return pa.array([], pa.string()), np.array([], np.int64)


SEGMENT_GROUPS = Room("segment_groups", "segment", 21, TABLES, _make)
