"""The till's own tables: orders, payments, refunds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    MINUTE,
    Ints,
    join,
    json_object,
    number_text,
    numbered,
    only,
    pick,
    quoted,
    table,
    times,
    tokens,
    where,
)
from kith.demo.sources.room import World
from kith.demo.sources.square.sales import Sales
from kith.demo.sources.square.shape import LOCATION, TABLES, customer_id, euros, loaded
from kith.demo.trade import PRICES
from kith.demo.writing import written_email


def payments(rng: np.random.Generator, world: World, sales: Sales) -> pa.Table:
    """A payment for each order."""
    people, owner, count = world.people, sales.owner, len(sales.owner)
    rows = np.arange(people.count)
    # A couple with one card has the card of the first of them.
    shared = world.habits.shares_card & (people.partner < rows)
    card = join("sq-1-", tokens(rng, people.count)).take(pa.array(np.where(shared, people.partner, rows)))
    last = number_text(1000 + people.key * 7 % 9000)
    details = json_object(
        status='"CAPTURED"', card=json_object(fingerprint=quoted(card), last_4=quoted(last))
    ).take(pa.array(owner))
    address = written_email(rng, people.address_at(owner, sales.sold_at), typos=0.01, invalid=0.01)
    columns: dict[str, object] = {
        "id": sales.payment_id,
        "order_id": sales.order_id,
        "customer_id": only(sales.known, customer_id(world, owner)),
        "location_id": LOCATION,
        "amount_money": euros(sales.basket.value),
        "total_money": euros(sales.basket.value),
        "refunded_money": only(sales.refunded > 0, euros(sales.refunded)),
        "status": where(sales.fate == 1, "CANCELED", pa.repeat("COMPLETED", count)),
        "source_type": where(sales.by_card, "CARD", pa.repeat("CASH", count)),
        "card_details": only(sales.by_card, details),
        "buyer_email_address": only(sales.receipt, address),
        **loaded(rng, world, sales.sold_at, _changed(world, sales)),
    }
    return table(TABLES["payments"], count, columns)


def _changed(world: World, sales: Sales) -> Ints:
    return np.minimum(np.where(sales.fate > 1, sales.sold_at + 3 * DAY, sales.sold_at), world.now)


def orders(rng: np.random.Generator, world: World, sales: Sales) -> pa.Table:
    """What was sold."""
    count, first = len(sales.owner), np.maximum(sales.basket.first, 0)
    item = json_object(
        name=quoted(pick([product.title for product in pools.PRODUCTS], first)),
        quantity=quoted(number_text(np.maximum(sales.basket.quantity, 1))),
        base_price_money=euros(PRICES[first]),
    )
    columns: dict[str, object] = {
        "id": sales.order_id,
        "customer_id": only(sales.known, customer_id(world, sales.owner)),
        "location_id": LOCATION,
        "state": where(sales.fate == 1, "CANCELED", pa.repeat("COMPLETED", count)),
        "total_money": euros(sales.basket.value),
        "source": '{"name":"Square Point of Sale"}',
        "line_items": join("[", item, "]"),
        "closed_at": times(sales.sold_at + MINUTE, None, "UTC"),
        **loaded(rng, world, sales.sold_at, _changed(world, sales)),
    }
    return table(TABLES["orders"], count, columns)


def refunds(rng: np.random.Generator, world: World, sales: Sales) -> pa.Table:
    """What was paid back."""
    rows = np.flatnonzero(sales.refunded > 0)
    index = pa.array(rows)
    moment = _changed(world, sales)[rows]
    columns: dict[str, object] = {
        "id": numbered("SQR", sales.number[rows], 22),
        "order_id": sales.order_id.take(index),
        "payment_id": sales.payment_id.take(index),
        "location_id": LOCATION,
        "amount_money": euros(sales.refunded[rows]),
        "status": "COMPLETED",
        "reason": "Returned goods",
        **loaded(rng, world, moment, moment),
    }
    return table(TABLES["refunds"], len(rows), columns)
