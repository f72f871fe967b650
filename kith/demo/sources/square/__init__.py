"""The second shop's till, as Airbyte brings it from Square: who paid is told by card, number or receipt."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from kith.demo.sources.room import Made, Named, Room, World, records
from kith.demo.sources.square.members import accounts, customers, points
from kith.demo.sources.square.sales import make_sales
from kith.demo.sources.square.shape import LOCATION, TABLES, customer_id
from kith.demo.sources.square.till import orders, payments, refunds


def _make(rng: np.random.Generator, world: World) -> Made:
    sales, member = make_sales(rng, world)
    holders = np.flatnonzero(world.habits.loyal)
    directory = np.flatnonzero(member)
    told = sales.known | sales.by_card | sales.receipt
    return Made(
        tables={
            "customers": customers(rng, world, directory),
            "payments": payments(rng, world, sales),
            "orders": orders(rng, world, sales),
            "refunds": refunds(rng, world, sales),
            "loyalty_accounts": accounts(rng, world, holders, member),
            "loyalty_events": points(rng, world, sales),
        },
        truth=records(
            world,
            "square",
            {
                "customer": (customer_id(world, directory), directory),
                "loyalty_account": (world.habits.loyalty_id.take(pa.array(holders)), holders),
                "payment": (sales.payment_id.filter(pa.array(told)), sales.owner[told]),
                "order": (
                    sales.order_id.filter(pa.array(told | sales.scanned)),
                    sales.owner[told | sales.scanned],
                ),
            },
        ),
    )


def _house(now: datetime) -> Named:
    opened = now - timedelta(days=900)
    shop = {
        **{"id": LOCATION, "name": "Cumbre Bilbao", "status": "ACTIVE", "created_at": opened},
        **{"_airbyte_extracted_at": opened, "_airbyte_raw_id": "second-shop"},
    }
    return {"locations": pa.Table.from_pylist([shop], TABLES["locations"])}


SQUARE = Room("square", "square", 11, TABLES, _make, _house)
