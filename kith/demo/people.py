"""Who the people are: a block of them, one row each, before any system has written anything down."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    HOUR,
    Bools,
    Ints,
    between,
    chance,
    choice,
    in_the_day,
    join,
    number_text,
    only,
    pick,
)

HISTORY = 730 * DAY
NEVER_ASKED, GRANTED, WITHDRAWN = 0, 1, 2
# A prime just below 80 million: multiplying by a constant modulo it gives every person another number.
_PHONE_PRIME = 79_999_987


@dataclass(frozen=True)
class People:
    """People by columns, all of the same length.

    Attributes:
        key: the person's number in the whole world, from 1.
        email, later_email: the address, and the one used since `moved_at` (null for most).
        phone: nine national digits; households share one.
        partner: the row of the other of a couple in the same home, or −1.
        joined: when they were first seen. now: the moment of the story.
        account, web, app, shops, guest, crm, support: which systems know them.
        consent: never asked, granted or withdrawn; decided: when.
    """

    now: int
    key: Ints
    given: pa.Array
    family: pa.Array
    email: pa.Array
    later_email: pa.Array
    moved_at: Ints
    phone: Ints
    partner: Ints
    city: Ints
    street: pa.Array
    joined: Ints
    account: Bools
    web: Bools
    app: Bools
    shops: Bools
    guest: Bools
    crm: Bools
    support: Bools
    locale: Ints
    consent: Ints
    decided: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.key)

    @property
    def user_id(self) -> pa.Array:
        """The shop's account number, as Segment knows it."""
        return join("u-", number_text(100_000_000 + self.key * 7))

    @property
    def left_in_crm(self) -> Bools:
        """Who told the CRM, and not the shop, that they want no more mail."""
        left: Bools = (self.consent == WITHDRAWN) & self.crm & ((self.key % 2 == 0) | ~self.shops)
        return left

    @property
    def customer_id(self) -> Ints:
        """Shopify's number of each person, were they a customer."""
        return 7_100_000_000_000 + self.key * 7

    @property
    def entity(self) -> pa.Array:
        """The name in the truth."""
        return join("e", number_text(self.key))

    def address_at(self, rows: Ints, moment: Ints) -> pa.Array:
        """The e-mail address that these people used then."""
        moved = self.moved_at[rows] <= moment
        index = pa.array(rows)
        return pc.if_else(pa.array(moved), self.later_email.take(index), self.email.take(index))

    def birthday(self, rows: Ints) -> pa.Array:
        """Days between 1945 and 2005 as text, the same whenever these people are asked."""
        day = self.key[rows] * 7_919 % (60 * 365) - 25 * 365
        return pa.array(day.astype(np.int32)).cast(pa.date32()).cast(pa.string())

    def home(self, rows: Ints) -> Home:
        """Where these people live."""
        city = self.city[rows]
        codes = np.array([place.postcode for place in pools.CITIES])[city] + self.key[rows] % 40
        return Home(
            street=self.street.take(pa.array(rows)),
            city=pick([place.name for place in pools.CITIES], city),
            province=pick([place.province for place in pools.CITIES], city),
            postcode=pc.utf8_lpad(number_text(codes), 5, "0"),
        )


@dataclass(frozen=True)
class Home:
    """Addresses by columns."""

    street: pa.Array
    city: pa.Array
    province: pa.Array
    postcode: pa.Array


def make_people(rng: np.random.Generator, first: int, count: int, now: int) -> People:
    """A block of people with the numbers `first` … `first + count − 1`."""
    key = np.arange(first, first + count, dtype=np.int64)
    partner = _couples(rng, count)
    given, family = choice(rng, count, [1] * len(pools.GIVEN)), choice(rng, count, [1] * len(pools.FAMILY))
    second = choice(rng, count, [1] * len(pools.FAMILY))
    joined = in_the_day(rng, now - HISTORY + _share(rng, count, HISTORY - 6 * DAY), np.full(count, 0), now)
    shops, guest = _shoppers(rng, count)
    app = chance(rng, count, 0.35)
    # Everyone leaves a trace somewhere.
    web = chance(rng, count, 0.9) | ~(app | shops | guest)
    moved, later = _moves(rng, key, given, family, joined=joined, now=now)
    consent = choice(rng, count, (0.22, 0.68, 0.10))
    return People(
        now=now,
        key=key,
        given=pick(pools.GIVEN, given),
        family=pc.if_else(
            pa.array(chance(rng, count, 0.3)),
            join(pick(pools.FAMILY, family), " ", pick(pools.FAMILY, second)),
            pick(pools.FAMILY, family),
        ),
        email=_addresses(rng, key, given, family),
        later_email=later,
        moved_at=moved,
        phone=_phones(key, partner),
        partner=partner,
        city=_shared(choice(rng, count, [1] * len(pools.CITIES)), partner),
        street=_streets(rng, count, partner),
        joined=joined,
        account=(web | app) & chance(rng, count, np.where(shops | guest, 0.985, 0.93)),
        web=web,
        app=app,
        shops=shops,
        guest=guest,
        crm=chance(rng, count, np.where(shops | guest, 0.35, 0.6)),
        support=chance(rng, count, np.where(shops, 0.18, 0.04)),
        locale=choice(rng, count, (0.7, 0.12, 0.06, 0.03, 0.03, 0.02, 0.02, 0.02)),
        consent=consent,
        decided=between(rng, joined, now - HOUR),
    )


def _share(rng: np.random.Generator, count: int, length: int) -> Ints:
    return (rng.random(count) * length).astype(np.int64)


def _couples(rng: np.random.Generator, count: int) -> Ints:
    """Two neighbours in one home, for one pair in fifty: the other's row, else −1."""
    partner = np.full(count, -1, np.int64)
    first = np.flatnonzero(chance(rng, count // 2, 0.02)) * 2
    partner[first], partner[first + 1] = first + 1, first
    return partner


def _shared(values: Ints, partner: Ints) -> Ints:
    """The values, the second of a couple having the first's."""
    rows = np.arange(len(values))
    return values[np.where((partner >= 0) & (partner < rows), partner, rows)]


def _shoppers(rng: np.random.Generator, count: int) -> tuple[Bools, Bools]:
    kind = choice(rng, count, (0.58, 0.12, 0.30))
    return kind == 0, kind == 1


def _phones(key: Ints, partner: Ints) -> Ints:
    return _shared(610_000_000 + key * 7_919 % _PHONE_PRIME, partner)


def _streets(rng: np.random.Generator, count: int, partner: Ints) -> pa.Array:
    street = _shared(choice(rng, count, [1] * len(pools.STREETS)), partner)
    number = _shared(rng.integers(1, 180, count), partner)
    return join(pick(pools.STREETS, street), " ", number_text(number))


def _addresses(rng: np.random.Generator, key: Ints, given: Ints, family: Ints) -> pa.Array:
    """An address each; the person's number in it keeps two people from ever having the same."""
    local = join(pick(_plain(pools.GIVEN), given), ".", pick(_plain(pools.FAMILY), family), number_text(key))
    return join(local, "@", pick(pools.DOMAINS, choice(rng, len(key), pools.DOMAIN_WEIGHTS)))


def _moves(
    rng: np.random.Generator, key: Ints, given: Ints, family: Ints, *, joined: Ints, now: int
) -> tuple[Ints, pa.Array]:
    """For one in sixteen, another address since some day; for the rest a day that never comes."""
    moves = chance(rng, len(key), 0.06)
    moment = np.where(moves, between(rng, joined + 2 * DAY, now - 2 * DAY), np.iinfo(np.int64).max)
    local = join(pick(_plain(pools.FAMILY), family), "_", pick(_plain(pools.GIVEN), given), number_text(key))
    return moment, only(
        moves, join(local, "@", pick(pools.DOMAINS, choice(rng, len(key), pools.DOMAIN_WEIGHTS)))
    )


def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """Lower case, without accents: what people put into addresses."""
    bare = (unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower() for name in names)
    return tuple(bare)
