"""Files that came by post: who holds a loyalty card, and what an agency knows of some addresses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo.columns import (
    DAY,
    Ints,
    chance,
    choice,
    json_object,
    number_text,
    numbered,
    only,
    pick,
    quoted,
    table,
    times,
    where,
)
from kith.demo.schemas import schema
from kith.demo.sources.room import Made, Room, World, records
from kith.demo.writing import written_email, written_name, written_phone

TABLES = {
    "people": schema(
        "text: record_id email phone given_name family_name birth_date street city postcode region country",
        "text: national_id loyalty_id attributes ; utc: loaded_at",
    ),
    "attributes": schema(
        "text: identifier_type identifier_value name value ; utc: observed_at loaded_at",
    ),
}
_LEVELS = ("green", "silver", "gold")
_FACTS = (
    ("favourite_sport", ("hiking", "climbing", "running", "skiing")),
    ("household", ("single", "couple", "family")),
    ("income_band", ("A", "B", "C", "D")),
)


def _make(rng: np.random.Generator, world: World) -> Made:
    holders = np.flatnonzero(world.habits.loyal)
    truth = records(world, "external", {"person": (_record_id(world, holders), holders)})
    return Made({"people": _people(rng, world, holders), "attributes": _attributes(rng, world)}, truth)


def _record_id(world: World, owner: Ints) -> pa.Array:
    return numbered("card-", world.people.key[owner], 8)


def _people(rng: np.random.Generator, world: World, owner: Ints) -> pa.Table:
    people, index, count = world.people, pa.array(owner), len(owner)
    filled_in = people.joined[owner] + 2 * DAY
    home = people.home(owner)
    address = written_email(rng, people.address_at(owner, filled_in), typos=0.015, invalid=0.01)
    columns: dict[str, object] = {
        "record_id": _record_id(world, owner),
        "email": only(chance(rng, count, 0.75), address),
        "phone": only(chance(rng, count, 0.5), written_phone(rng, people.phone[owner], 0.02)),
        "given_name": written_name(rng, people.given.take(index)),
        "family_name": people.family.take(index),
        "birth_date": only(chance(rng, count, 0.5), people.birthday(owner)),
        **{"street": home.street, "city": home.city, "postcode": home.postcode, "region": home.province},
        "country": "ES",
        "national_id": only(chance(rng, count, 0.3), _documents(rng, world, owner)),
        "loyalty_id": world.habits.loyalty_id.take(index),
        "attributes": json_object(
            card_level=quoted(pick(_LEVELS, choice(rng, count, (0.6, 0.3, 0.1)))),
            points=number_text(rng.integers(0, 2_000, count)),
        ),
        "loaded_at": _monthly(world, filled_in),
    }
    return table(TABLES["people"], count, columns)


def _documents(rng: np.random.Generator, world: World, owner: Ints) -> pa.Array:
    """Numbers of identity documents, with their letter, some with a hyphen before it."""
    number = 10_000_000 + world.people.key[owner] * 104_729 % 89_999_999
    letter = pick(tuple("TRWAGMYFPDXBNJZSQVHLCKE"), number % 23)
    plain = numbered("", number, 8)
    hyphen = where(chance(rng, len(owner), 0.3), "-", pa.repeat("", len(owner)))
    return pc.binary_join_element_wise(plain, hyphen, letter, "")


def _monthly(world: World, moment: Ints) -> pa.Array:
    """The file comes on every thirtieth day."""
    month = 30 * DAY
    return times(np.minimum((moment // month + 1) * month, world.now), None, "UTC")


def _attributes(rng: np.random.Generator, world: World) -> pa.Table:
    """What the agency says of addresses and cards; of some it says something else some months later."""
    people, habits = world.people, world.habits
    asked = np.flatnonzero((people.joined < people.now - 40 * DAY) & chance(rng, people.count, 0.2))
    owner = np.repeat(asked, 2)
    count = len(owner)
    fact = choice(rng, count, [1] * len(_FACTS))
    by_card = habits.loyal[owner] & chance(rng, count, 0.4)
    seen = np.maximum(people.joined[owner], people.now - rng.integers(35, 360, count) * DAY)
    answers = [pick(values, rng.integers(0, len(values), count)) for _, values in _FACTS]
    columns: dict[str, object] = {
        "identifier_type": where(by_card, "loyalty_id", pa.repeat("email", count)),
        "identifier_value": where(
            by_card, habits.loyalty_id.take(pa.array(owner)), people.address_at(owner, seen)
        ),
        "name": pick([name for name, _ in _FACTS], fact),
        "value": pc.choose(pa.array(fact), *answers),
        "observed_at": times(seen, None, "UTC"),
        "loaded_at": _monthly(world, seen),
    }
    return table(TABLES["attributes"], count, columns)


EXTERNAL = Room("external", "external", 12, TABLES, _make, keys={"people": "record_id"})
