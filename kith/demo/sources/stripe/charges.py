"""What is paid on the charity's page: gifts, once and monthly, hut nights, and a few trials."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    DAY,
    MINUTE,
    Bools,
    Ints,
    between,
    chance,
    choice,
    in_the_day,
    join,
    nth,
    numbered,
    where,
)
from kith.demo.sources.room import World

PAID, FAILED, REFUNDED, PART_REFUNDED, LOST, WON = range(6)


@dataclass(frozen=True)
class Charges:
    """Charges by columns.

    Attributes:
        number: from which ids are made. cents: asked for. fate: PAID … WON.
        subscription: the place among the subscriptions, −1 for what was paid once.
        known: by a customer's account. gift: whether it is a donation. trial: made in test mode.
    """

    owner: Ints
    number: Ints
    paid_at: Ints
    cents: Ints
    fate: Ints
    subscription: Ints
    known: Bools
    gift: Bools
    trial: Bools

    @property
    def id(self) -> pa.Array:
        """Stripe's ids."""
        return where(
            self.trial, join("test_", numbered("ch_", self.number, 19)), numbered("ch_", self.number, 24)
        )

    @property
    def refunded(self) -> Ints:
        """Cents paid back."""
        return np.where(
            self.fate == REFUNDED, self.cents, np.where(self.fate == PART_REFUNDED, self.cents // 2, 0)
        )

    def take(self, fit: Bools) -> Charges:
        """Those that fit."""
        return Charges(**{name: values[fit] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Subscriptions:
    """Monthly gifts by columns; ended_at is 0 for those that go on."""

    owner: Ints
    cents: Ints
    start: Ints
    ended_at: Ints


def make_subscriptions(rng: np.random.Generator, world: World) -> Subscriptions:
    """A monthly gift for each who gives so, some of which ended."""
    owner = np.flatnonzero(world.habits.gives_monthly)
    joined = world.people.joined[owner]
    start = between(rng, joined, world.now - 35 * DAY)
    ends = chance(rng, len(owner), 0.2)
    end = between(rng, start + 30 * DAY, world.now - DAY)
    return Subscriptions(
        owner=owner,
        cents=np.array([500, 1000, 1500, 2000, 5000])[choice(rng, len(owner), (0.3, 0.35, 0.15, 0.15, 0.05))],
        start=start,
        ended_at=np.where(ends, end, 0),
    )


def make_charges(
    rng: np.random.Generator, world: World, subscriptions: Subscriptions, customer: Bools
) -> Charges:
    """What was paid once and monthly, and one in a hundred beside it in test mode."""
    people = world.people
    giver = np.flatnonzero(world.habits.gives_online)
    once = np.repeat(giver, np.minimum(rng.geometric(0.5, len(giver)), 6))
    start, end = people.joined[once], world.now - DAY
    last = np.where(subscriptions.ended_at > 0, subscriptions.ended_at, world.now)
    months = (last - subscriptions.start - 1) // (30 * DAY) + 1
    row = np.repeat(np.arange(len(months)), months)
    place = np.arange(len(row)) - np.repeat(np.cumsum(months) - months, months)
    owner = np.concatenate([once, subscriptions.owner[row]])
    monthly = np.arange(len(owner)) >= len(once)
    amounts = np.array([1000, 2000, 2500, 5000, 10_000, 25_000])
    gift = monthly | chance(rng, len(owner), 0.9)
    cents = np.concatenate(
        [amounts[choice(rng, len(once), (0.25, 0.3, 0.15, 0.2, 0.08, 0.02))], subscriptions.cents[row]]
    )
    charges = Charges(
        owner=owner,
        number=people.key[owner] * 128 + nth(owner),
        paid_at=np.concatenate(
            [
                in_the_day(rng, between(rng, start, end), start, end),
                subscriptions.start[row] + place * 30 * DAY,
            ]
        ),
        cents=np.where(gift, cents, 3600),
        fate=choice(rng, len(owner), (0.935, 0.035, 0.015, 0.005, 0.005, 0.005)),
        subscription=np.concatenate([np.full(len(once), -1), row]),
        known=customer[owner],
        gift=gift,
        trial=np.zeros(len(owner), np.bool_),
    )
    trials = charges.take(chance(rng, len(owner), 0.01))
    trials = replace(
        trials, trial=np.ones(len(trials.owner), np.bool_), subscription=np.full(len(trials.owner), -1)
    )
    return Charges(
        **{name: np.concatenate([values, getattr(trials, name)]) for name, values in vars(charges).items()}
    )


def intent_id(charges: Charges) -> pa.Array:
    """The ids of the payment intents."""
    return where(charges.trial, numbered("pi_test_", charges.number, 19), numbered("pi_", charges.number, 24))


def invoice_id(charges: Charges) -> pa.Array:
    """The ids of the invoices of monthly charges."""
    return numbered("in_", charges.number, 24)


def changed(world: World, charges: Charges) -> Ints:
    """When each last changed: when it was paid, or paid back."""
    return np.minimum(
        np.where(charges.refunded > 0, charges.paid_at + 4 * DAY, charges.paid_at), world.now - MINUTE
    )
