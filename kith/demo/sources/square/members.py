"""Who is known at the till: the directory, the loyalty cards and their points."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo.columns import (
    DAY,
    MINUTE,
    Bools,
    Ints,
    chance,
    join,
    json_object,
    number_text,
    numbered,
    only,
    quoted,
    table,
    times,
    where,
)
from kith.demo.sources.room import World
from kith.demo.sources.square.sales import Sales
from kith.demo.sources.square.shape import TABLES, customer_id, loaded
from kith.demo.writing import written_email, written_phone


def customers(rng: np.random.Generator, world: World, owner: Ints) -> pa.Table:
    """The directory."""
    people, index, count = world.people, pa.array(owner), len(owner)
    created = people.joined[owner] + DAY
    home = people.home(owner)
    address = json_object(
        address_line_1=quoted(home.street),
        locality=quoted(home.city),
        postal_code=quoted(home.postcode),
        country='"ES"',
    )
    # Some have given the day and not the year.
    day = people.birthday(owner)
    columns: dict[str, object] = {
        "id": customer_id(world, owner),
        "given_name": people.given.take(index),
        "family_name": people.family.take(index),
        "email_address": only(
            chance(rng, count, 0.8), written_email(rng, people.address_at(owner, created), typos=0.01)
        ),
        "phone_number": only(chance(rng, count, 0.5), written_phone(rng, people.phone[owner], 0.01)),
        "birthday": only(chance(rng, count, 0.3), _without_year(rng, day)),
        "address": only(chance(rng, count, 0.3), address),
        **loaded(rng, world, created, created),
    }
    return table(TABLES["customers"], count, columns)


def _without_year(rng: np.random.Generator, day: pa.Array) -> pa.Array:
    return where(chance(rng, len(day), 0.4), join("0000", pc.utf8_slice_codeunits(day, 4)), day)


def accounts(rng: np.random.Generator, world: World, owner: Ints, member: Bools) -> pa.Table:
    """Loyalty cards by their numbers."""
    people, count = world.people, len(owner)
    joined = people.joined[owner] + DAY
    # A phone that two at home share tells no account from the other: they give their name instead.
    phone = only(people.partner[owner] < 0, written_phone(rng, people.phone[owner]))
    columns: dict[str, object] = {
        "id": world.habits.loyalty_id.take(pa.array(owner)),
        "customer_id": only(member[owner] & chance(rng, count, 0.8), customer_id(world, owner)),
        "program_id": "cumbre-club",
        "mapping": json_object(phone_number=quoted(phone)),
        "enrolled_at": times(joined, None, "UTC"),
        **loaded(rng, world, joined, joined),
    }
    return table(TABLES["loyalty_accounts"], count, columns)


def points(rng: np.random.Generator, world: World, sales: Sales) -> pa.Table:
    """Points won, on the card that was shown."""
    rows = np.flatnonzero(sales.scanned)
    moment = sales.sold_at[rows] + MINUTE
    brought = loaded(rng, world, moment, moment)
    del brought["updated_at"]
    columns: dict[str, object] = {
        "id": numbered("SQE", sales.number[rows], 22),
        "type": "ACCUMULATE_POINTS",
        "loyalty_account_id": world.habits.loyalty_id.take(pa.array(sales.owner[rows])),
        "accumulate_points": json_object(
            order_id=quoted(sales.order_id.take(pa.array(rows))),
            points=number_text(sales.basket.value[rows] // 100),
        ),
        **brought,
    }
    return table(TABLES["loyalty_events"], len(rows), columns)
