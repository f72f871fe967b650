"""Visits: what was looked at, put into a cart, ordered, on which device and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import DAY, MINUTE, SECOND, Ints, between, choice, in_the_day, tokens
from kith.demo.devices import Devices
from kith.demo.people import People
from kith.demo.trade import Baskets, Orders, RecentCarts, make_baskets

LOOKED, ADDED, CHECKING_OUT, ORDERED = range(4)


@dataclass(frozen=True)
class Visits:
    """Visits by columns.

    Attributes:
        device: the row of the device. start: the first page or screen.
        depth: how far it went (LOOKED … ORDERED).
        order_id: Shopify's, 0 when nothing was ordered. total: of the order, in cents.
        campaign: the row of what brought it.
    """

    device: Ints
    start: Ints
    depth: Ints
    basket: Baskets
    cart_id: pa.Array
    order_id: Ints
    total: Ints
    campaign: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.device)


def make_visits(
    rng: np.random.Generator, people: People, devices: Devices, carts: RecentCarts, orders: Orders
) -> Visits:
    """Idle ones, those that made the orders, and those that left the recent carts."""
    idle = _idle(rng, people, devices)
    bought = np.flatnonzero(orders.device >= 0)
    nothing = np.zeros(idle.count + carts.count, np.int64)
    # The order is completed two minutes into its visit, a recent cart is last seen after one.
    starts = (idle.start, carts.left_at - MINUTE, orders.ordered_at[bought] - 2 * MINUTE)
    count = idle.count + carts.count + len(bought)
    baskets = (idle.basket, carts.basket, orders.basket.take(bought))
    return Visits(
        device=np.concatenate([idle.device, carts.device, orders.device[bought]]),
        start=np.concatenate(starts),
        depth=np.concatenate(
            [idle.depth, ADDED + choice(rng, carts.count, (0.7, 0.3)), np.full(len(bought), ORDERED)],
        ),
        basket=Baskets(
            first=np.concatenate([basket.first for basket in baskets]),
            second=np.concatenate([basket.second for basket in baskets]),
            quantity=np.concatenate([basket.quantity for basket in baskets]),
            gift=np.concatenate([basket.gift for basket in baskets]),
        ),
        cart_id=pa.concat_arrays([idle.cart_id, carts.cart_id, orders.cart_id.take(pa.array(bought))]),
        order_id=np.concatenate([nothing, orders.id[bought]]),
        total=np.concatenate([nothing, orders.total[bought]]),
        campaign=choice(rng, count, pools.CAMPAIGN_WEIGHTS),
    )


def _idle(rng: np.random.Generator, people: People, devices: Devices) -> Visits:
    """A few visits a device, some of which left a cart long ago."""
    device = np.repeat(np.arange(devices.count), np.minimum(rng.geometric(0.5, devices.count), 8))
    count = len(device)
    joined = people.joined[devices.owner[device]]
    # None in the last days: these are left to the carts of which the story tells.
    end = people.now - 5 * DAY
    start = in_the_day(rng, between(rng, joined, end), joined, people.now - 4 * DAY)
    depth = choice(rng, count, (0.86, 0.1, 0.04))
    zero = np.zeros(count, np.int64)
    return Visits(device, start, depth, make_baskets(rng, count), tokens(rng, count), zero, zero, zero)


@dataclass(frozen=True)
class Steps:
    """Moments within visits: the visit's row, when, and which step (an index into the names given)."""

    visit: Ints
    moment: Ints
    step: Ints


def steps(
    rng: np.random.Generator, visits: Visits, depths: tuple[int, ...], offsets: tuple[int, ...]
) -> Steps:
    """For each step, a row for every visit that went at least as deep, so many seconds after its start."""
    rows = [np.flatnonzero(visits.depth >= depth) for depth in depths]
    step = np.repeat(np.arange(len(depths)), [len(found) for found in rows])
    visit = np.concatenate(rows)
    jitter = rng.integers(0, 900, len(visit)) * 1000
    return Steps(visit, visits.start[visit] + np.array(offsets)[step] * SECOND + jitter, step)
