"""What is sold at the second shop's till, and by what its buyers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    DAY,
    Bools,
    Ints,
    between,
    chance,
    choice,
    in_the_day,
    nth,
    numbered,
)
from kith.demo.sources.room import World
from kith.demo.trade import Baskets, make_baskets


@dataclass(frozen=True)
class Sales:
    """Sales at the till by columns.

    Attributes:
        number: from which the ids are made. fate: 0 paid, 1 cancelled, 2 all and 3 some paid back.
        known, by_card, receipt, scanned: customer, card, address and loyalty number are there.
    """

    owner: Ints
    number: Ints
    sold_at: Ints
    basket: Baskets
    fate: Ints
    known: Bools
    by_card: Bools
    receipt: Bools
    scanned: Bools

    @property
    def order_id(self) -> pa.Array:
        """The orders' ids."""
        return numbered("SQO", self.number, 22)

    @property
    def payment_id(self) -> pa.Array:
        """The payments' ids."""
        return numbered("SQP", self.number, 22)

    @property
    def refunded(self) -> Ints:
        """Cents paid back."""
        some = np.where(self.fate == 3, np.minimum(self.basket.value // 2, 2000), 0)
        return np.where(self.fate == 2, self.basket.value, some)


def make_sales(rng: np.random.Generator, world: World) -> tuple[Sales, Bools]:
    """The sales, and who stands in the shop's directory: couples with one card always do."""
    people, habits = world.people, world.habits
    buyer = np.flatnonzero(habits.till)
    owner = np.repeat(buyer, np.minimum(rng.geometric(0.5, len(buyer)), 8))
    count = len(owner)
    end = world.now - 4 * DAY
    start = people.joined[owner]
    member = habits.till & (chance(rng, people.count, 0.4) | habits.shares_card)
    sales = Sales(
        owner=owner,
        number=people.key[owner] * 16 + nth(owner),
        sold_at=in_the_day(rng, between(rng, start, end), start, end),
        basket=make_baskets(rng, count),
        fate=choice(rng, count, (0.93, 0.02, 0.02, 0.03)),
        known=member[owner] & (chance(rng, count, 0.5) | habits.shares_card[owner]),
        by_card=chance(rng, count, 0.78),
        receipt=chance(rng, count, 0.25),
        scanned=habits.loyal[owner] & chance(rng, count, 0.7),
    )
    return sales, member
