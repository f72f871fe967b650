"""The outlet's app, as RudderStack writes it: Segment's tables, but a user's last device beside the user."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from kith.demo.columns import DAY, Bools, Ints, between, choice, in_the_day, join, tokens, uuids
from kith.demo.devices import NEVER, Devices
from kith.demo.people import People
from kith.demo.schemas import SEGMENT
from kith.demo.segment import segment_tables
from kith.demo.sources.room import Made, Room, World, records
from kith.demo.trade import make_baskets
from kith.demo.visits import Visits

# What is bought there is told by the shop.
_NOT_HERE = {"pages", "order_completed"}


def _own(name: str, columns: pa.Schema) -> pa.Schema:
    """Segment's columns and RudderStack's own."""
    more = [pa.field("uuid_ts", pa.timestamp("us"))]
    more += [pa.field("anonymous_id", pa.string())] if name == "users" else []
    more += [pa.field("original_timestamp", pa.timestamp("us"))] if "timestamp" in columns.names else []
    return pa.schema([*columns, *more])


TABLES = {name: _own(name, columns) for name, columns in SEGMENT.items() if name not in _NOT_HERE}


def _make(rng: np.random.Generator, world: World) -> Made:
    habits = world.habits
    people = replace(world.people, account=world.people.account & habits.outlet)
    devices = _devices(rng, people, habits.outlet)
    visits = _visits(rng, people, devices)
    found = segment_tables(rng, people, devices, visits)
    known = np.flatnonzero(people.account)
    used = devices.login_at != NEVER
    user = people.user_id.take(pa.array(devices.owner))
    login = join(devices.anonymous_id, "|", user).filter(pa.array(used))
    return Made(
        {
            name: _as_rudderstack(name, rows, people, devices)
            for name, rows in found.items()
            if name in TABLES
        },
        records(
            world,
            "rudderstack",
            {
                "anonymous": (devices.anonymous_id, devices.owner),
                "user": (people.user_id.take(pa.array(known)), known),
                "login": (login, devices.owner[used]),
            },
        ),
    )


def _devices(rng: np.random.Generator, people: People, outlet: Bools) -> Devices:
    """One phone each, on which all who have an account log in on the first day."""
    owner = np.flatnonzero(outlet)
    count = len(owner)
    login = np.where(people.account[owner], people.joined[owner] + DAY, NEVER)
    return Devices(
        owner=owner,
        app=np.ones(count, np.bool_),
        anonymous_id=uuids(rng, count),
        device_id=uuids(rng, count),
        shared=np.zeros(count, np.bool_),
        login_at=login,
        model=choice(rng, count, [1] * 5),
        consent=pa.nulls(count, pa.string()),
    )


def _visits(rng: np.random.Generator, people: People, devices: Devices) -> Visits:
    """A few each, the first before the log-in; none in the last days, whose carts the shop's story tells."""
    device = np.repeat(np.arange(devices.count), 1 + np.minimum(rng.geometric(0.4, devices.count), 8))
    joined, end = people.joined[devices.owner[device]], people.now - 5 * DAY
    start = in_the_day(rng, between(rng, joined, end), joined, end)
    count, nothing = len(device), np.zeros(len(device), np.int64)
    depth: Ints = choice(rng, count, (0.7, 0.2, 0.1))
    return Visits(
        device, start, depth, make_baskets(rng, count), tokens(rng, count), nothing, nothing, nothing
    )


def _as_rudderstack(name: str, rows: pa.Table, people: People, devices: Devices) -> pa.Table:
    """The rows with RudderStack's own columns, of the outlet's app."""
    columns = {column: rows[column].combine_chunks() for column in rows.column_names}
    for column, value in (
        ("context_app_name", "Cumbre Outlet"),
        ("context_library_name", "rudder-ios-library"),
    ):
        if column in columns:
            columns[column] = pa.repeat(value, rows.num_rows)
    if name == "users":
        place = np.zeros(people.count, np.int64)
        place[devices.owner] = np.arange(devices.count)
        owner = np.flatnonzero(people.account)
        columns["anonymous_id"] = devices.anonymous_id.take(pa.array(place[owner]))
    else:
        columns["original_timestamp"] = columns["timestamp"]
    columns["uuid_ts"] = columns["received_at"]
    schema = TABLES[name]
    return pa.table([columns[field.name] for field in schema], schema=schema)


RUDDERSTACK = Room("rudderstack", "rudderstack", 18, TABLES, _make)
