"""What people bought, and the carts that they left in the last days."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    MINUTE,
    Bools,
    Ints,
    between,
    chance,
    choice,
    in_the_day,
    nth,
    tokens,
)
from kith.demo.devices import Devices
from kith.demo.people import GRANTED, WITHDRAWN, People

PRICES = np.array([product.cents for product in pools.PRODUCTS], np.int64)
RECENT = 3 * DAY
LEFT, BOUGHT_ONLINE, BOUGHT_AT_TILL, WITHDREW, STILL_THERE = range(5)
NONE = -1
FIRST_ORDER_ID = 5_400_000_000_000


@dataclass(frozen=True)
class Baskets:
    """What lies in a cart or an order, by columns.

    Attributes:
        first, second: products' rows; the second is NONE in most.
        quantity: of the first. gift: cents donated beside, 0 for none.
    """

    first: Ints
    second: Ints
    quantity: Ints
    gift: Ints

    @property
    def goods(self) -> Ints:
        """The value in cents without the gift."""
        more = np.where(self.second >= 0, PRICES[self.second], 0)
        return np.where(self.first >= 0, PRICES[self.first] * self.quantity, 0) + more

    @property
    def value(self) -> Ints:
        """The value in cents."""
        return self.goods + self.gift

    def take(self, rows: Ints) -> Baskets:
        """These rows."""
        return Baskets(self.first[rows], self.second[rows], self.quantity[rows], self.gift[rows])


@dataclass(frozen=True)
class RecentCarts:
    """Carts of the last three days: owner and device rows, when last touched, what became of them."""

    owner: Ints
    device: Ints
    left_at: Ints
    outcome: Ints
    ended_at: Ints
    basket: Baskets
    cart_id: pa.Array

    @property
    def count(self) -> int:
        """How many."""
        return len(self.owner)


@dataclass(frozen=True)
class Orders:
    """Orders by columns.

    Attributes:
        till: sold in a shop. guest: without a customer account. test: made by the shop's staff.
        device: on which it was ordered, NONE when in a shop or unknown.
        cart_id: of the order's cart, null in a shop.
        refunded: cents paid back. cancelled: whether.
    """

    id: Ints
    owner: Ints
    ordered_at: Ints
    till: Bools
    guest: Bools
    test: Bools
    cancelled: Bools
    pending: Bools
    device: Ints
    basket: Baskets
    shipping: Ints
    discount: Ints
    refunded: Ints
    cart_id: pa.Array

    @property
    def count(self) -> int:
        """How many."""
        return len(self.id)

    @property
    def total(self) -> Ints:
        """What is paid, in cents."""
        return self.basket.value + self.shipping - self.discount


def make_baskets(rng: np.random.Generator, count: int, gifts: float = 0.0) -> Baskets:
    """One product, seldom two; with the share `gifts`, a donation beside or, one in four, alone."""
    first = choice(rng, count, 1.0 / np.arange(1, pools.GOODS + 1))
    second = np.where(chance(rng, count, 0.25), (first + rng.integers(1, 6, count)) % pools.GOODS, NONE)
    gives = chance(rng, count, gifts)
    alone = gives & chance(rng, count, 0.25)
    gift = np.array([500, 1000, 2000, 5000])[choice(rng, count, (0.4, 0.35, 0.2, 0.05))]
    return Baskets(
        first=np.where(alone, NONE, first),
        second=np.where(alone, NONE, second),
        quantity=np.where(alone, 0, 1 + choice(rng, count, (0.9, 0.08, 0.02))),
        gift=np.where(gives, gift, 0),
    )


def make_recent_carts(rng: np.random.Generator, people: People, devices: Devices) -> RecentCarts:
    """A cart for one in sixteen who are logged in on a device that is theirs alone."""
    device = devices_of(
        rng, devices, ~devices.shared & (devices.login_at < people.now - RECENT), people.count
    )
    owner = np.flatnonzero(
        (device >= 0) & (people.joined < people.now - 5 * DAY) & chance(rng, people.count, 0.065)
    )
    count = len(owner)
    outcome = choice(rng, count, (0.6, 0.14, 0.06, 0.1, 0.1))
    # Those who may still be there touched the cart within the hour.
    start = np.where(outcome == STILL_THERE, people.now - 50 * MINUTE, people.now - RECENT)
    end = np.where(outcome == STILL_THERE, people.now - 5 * MINUTE, people.now - 70 * MINUTE)
    left = start + (rng.random(count) * (end - start)).astype(np.int64) // 1000 * 1000
    return RecentCarts(
        owner=owner,
        device=device[owner],
        left_at=left,
        outcome=outcome,
        ended_at=between(rng, left + 5 * MINUTE, people.now - 2 * MINUTE),
        basket=make_baskets(rng, count),
        cart_id=tokens(rng, count),
    )


def decide_consents(rng: np.random.Generator, people: People, carts: RecentCarts) -> None:
    """In place: most who left a cart may be written to; those who withdrew did so after they left."""
    asked = chance(rng, carts.count, 0.8)
    people.consent[carts.owner[asked]] = GRANTED
    people.shops[carts.owner[asked]] = True
    people.guest[carts.owner[asked]] = False
    withdrew = carts.outcome == WITHDREW
    people.consent[carts.owner[withdrew]] = WITHDRAWN
    people.shops[carts.owner[withdrew]] = True
    people.guest[carts.owner[withdrew]] = False
    people.decided[carts.owner[withdrew]] = carts.ended_at[withdrew]


def devices_of(rng: np.random.Generator, devices: Devices, fit: Bools, people: int) -> Ints:
    """For each person one of their devices that fit, at random; NONE when they have none."""
    chosen = np.full(people, NONE, np.int64)
    rows = rng.permutation(np.flatnonzero(fit))
    chosen[devices.owner[rows]] = rows
    return chosen


def make_orders(rng: np.random.Generator, people: People, devices: Devices, carts: RecentCarts) -> Orders:
    """Years of orders, and those that became of recent carts; numbered by person."""
    past = _past_orders(rng, people, devices)
    recent = _cart_orders(rng, people, devices, carts)
    orders = _concatenate(past, recent)
    # A person's orders are numbered in a row: no two people share a number.
    orders.id[:] = FIRST_ORDER_ID + people.key[orders.owner] * 64 + nth(orders.owner)
    return orders


def _past_orders(rng: np.random.Generator, people: People, devices: Devices) -> Orders:
    buys = people.shops | people.guest
    counts = np.where(buys, np.minimum(rng.geometric(0.45, people.count), 20), 0)
    owner = np.repeat(np.arange(people.count), np.where(people.guest, np.minimum(counts, 3), counts))
    joined = people.joined[owner]
    ordered = in_the_day(rng, between(rng, joined, people.now - 4 * DAY), joined, people.now - 4 * DAY)
    till = chance(rng, len(owner), 0.16)
    device = devices_of(rng, devices, ~devices.shared, people.count)[owner]
    basket = make_baskets(rng, len(owner), gifts=0.09)
    return _orders(
        rng,
        people,
        owner,
        ordered=ordered,
        till=till,
        device=np.where(till, NONE, device),
        basket=basket,
        cart_id=tokens(rng, len(owner)),
    )


def _cart_orders(rng: np.random.Generator, people: People, devices: Devices, carts: RecentCarts) -> Orders:
    rows = np.flatnonzero((carts.outcome == BOUGHT_ONLINE) | (carts.outcome == BOUGHT_AT_TILL))
    owner = carts.owner[rows]
    till = carts.outcome[rows] == BOUGHT_AT_TILL
    logged_in = ~devices.shared & (devices.login_at < people.now - RECENT)
    device = np.where(till, NONE, devices_of(rng, devices, logged_in, people.count)[owner])
    return _orders(
        rng,
        people,
        owner,
        ordered=carts.ended_at[rows],
        till=till,
        device=device,
        basket=carts.basket.take(rows),
        cart_id=carts.cart_id.take(pa.array(rows)),
        settled=True,
    )


def _orders(
    rng: np.random.Generator,
    people: People,
    owner: Ints,
    *,
    ordered: Ints,
    till: Bools,
    device: Ints,
    basket: Baskets,
    cart_id: pa.Array,
    settled: bool = False,
) -> Orders:
    """Orders with what befell them; a settled one stands as it was made."""
    count = len(owner)
    fate = np.zeros(count, np.int64) if settled else choice(rng, count, (0.9, 0.02, 0.02, 0.03, 0.03))
    discount = np.where(chance(rng, count, 0.1), basket.goods // 10, 0)
    shipping = np.where(till | (basket.goods == 0) | (basket.goods >= 5000), 0, 495)
    total = basket.value + shipping - discount
    refunded = np.where(fate == 3, total, np.where(fate == 4, np.minimum(basket.goods - discount, 2000), 0))
    forgot = chance(rng, count, 0.05) if not settled else np.zeros(count, np.bool_)
    return Orders(
        id=np.zeros(count, np.int64),
        owner=owner,
        ordered_at=ordered,
        till=till,
        guest=~people.shops[owner] | forgot,
        test=(np.zeros(count, np.bool_) if settled else chance(rng, count, 0.004)),
        cancelled=fate == 1,
        pending=fate == 2,
        device=device,
        basket=basket,
        shipping=shipping,
        discount=discount,
        refunded=refunded,
        cart_id=cart_id,
    )


def _concatenate(one: Orders, other: Orders) -> Orders:
    parts: dict[str, object] = {}
    for field in fields(Orders):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, Baskets):
            parts[field.name] = Baskets(
                *(
                    np.concatenate([getattr(left, part.name), getattr(right, part.name)])
                    for part in fields(Baskets)
                )
            )
        elif isinstance(left, pa.Array):
            parts[field.name] = pa.concat_arrays([left, right])
        else:
            parts[field.name] = np.concatenate([left, right])
    return Orders(**parts)  # type: ignore[arg-type]
