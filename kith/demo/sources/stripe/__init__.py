"""What is given on the charity's page, as Fivetran brings it from Stripe."""

from __future__ import annotations

import numpy as np

from kith.demo.columns import chance, numbered
from kith.demo.sources.room import Made, Room, World, records
from kith.demo.sources.stripe.billing import charge_table, disputes, intents, invoices, refunds, versions
from kith.demo.sources.stripe.charges import make_charges, make_subscriptions
from kith.demo.sources.stripe.payers import cards, customers, methods
from kith.demo.sources.stripe.shape import TABLES, customer_id, method_id


def _make(rng: np.random.Generator, world: World) -> Made:
    habits = world.habits
    subscriptions = make_subscriptions(rng, world)
    count = world.people.count
    customer = habits.gives_monthly | (habits.gives_online & world.people.account & chance(rng, count, 0.3))
    charges = make_charges(rng, world, subscriptions, customer)
    holders = np.flatnonzero(customer)
    by_debit = habits.gives_monthly & chance(rng, count, 0.3)
    fingerprints = numbered("", world.people.key * 15_485_863 % 10_000_000_019, 16)
    live = charges.take(~charges.trial)
    return Made(
        {
            "customer": customers(rng, world, holders),
            **methods(rng, world, holders, live, by_debit=by_debit, fingerprints=fingerprints),
            "card": cards(world, holders[~by_debit[holders]], fingerprints),
            "charge": charge_table(rng, world, charges, by_debit),
            "payment_intent": intents(rng, world, charges),
            "invoice": invoices(world, live),
            "refund": refunds(world, live),
            "dispute": disputes(world, live),
            "subscription_history": versions(world, subscriptions),
        },
        records(
            world,
            "stripe",
            {
                "customer": (customer_id(world, holders), holders),
                "payment_method": (method_id(world, holders), holders),
                "charge": (live.id, live.owner),
            },
        ),
    )


STRIPE = Room("stripe", "stripe", 16, TABLES, _make, keys={"payment_method_card": "payment_method_id"})
