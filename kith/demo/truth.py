"""Which record belongs to whom: read off the numbers that the tables carry."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo.columns import Ints, join, number_text
from kith.demo.devices import Devices
from kith.demo.people import People
from kith.demo.schemas import TRUTH
from kith.demo.shopify import FIRST_CHECKOUT_ID
from kith.demo.trade import FIRST_ORDER_ID

Tables = dict[str, dict[str, pa.Table]]


def block_truth(people: People, devices: Devices, tables: Tables) -> pa.Table:
    """The truth of a block: one row per record.

    Left out, for nobody could know: devices that two people share, test orders, sales at the till that name
    no one, contacts that were deleted or broken.
    """
    own = np.flatnonzero(~devices.shared)
    anonymous = devices.anonymous_id.take(pa.array(own))
    account = np.flatnonzero(people.account)
    parts = [
        truth_rows("segment", "anonymous", anonymous, people.entity.take(pa.array(devices.owner[own]))),
        truth_rows(
            "segment", "user", people.user_id.take(pa.array(account)), people.entity.take(pa.array(account))
        ),
        _numbered("shopify", "customer", _ids(tables["shopify"]["customer"]), 7_100_000_000_000, 7),
        _numbered("shopify", "order", _named_orders(tables["shopify"]["order"]), FIRST_ORDER_ID, 64),
        _numbered(
            "shopify", "checkout", _ids(tables["shopify"]["abandoned_checkout"]), FIRST_CHECKOUT_ID, 128
        ),
        _numbered("hubspot", "contact", _living_contacts(tables["hubspot"]["contact"]), 200_000_000, 4),
        _numbered("zendesk", "user", _ids(tables["zendesk"]["user"]), 380_000_000_000, 11),
    ]
    return pa.concat_tables(parts)


def truth_rows(source: str, record_type: str, ids: pa.Array, entities: pa.Array) -> pa.Table:
    """Rows of the truth, of one kind of record."""
    count = len(ids)
    return pa.table([pa.repeat(source, count), pa.repeat(record_type, count), ids, entities], schema=TRUTH)


def _numbered(source: str, record_type: str, ids: Ints, first: int, step: int) -> pa.Table:
    """Records whose number tells the person's: first + key × step + less than a step."""
    return truth_rows(source, record_type, number_text(ids), join("e", number_text((ids - first) // step)))


def _ids(rows: pa.Table) -> Ints:
    return np.unique(rows.column("id").to_numpy())


def _named_orders(orders: pa.Table) -> Ints:
    named = pc.or_(pc.is_valid(orders["customer_id"]), pc.is_valid(orders["email"]))
    named = pc.or_(named, pc.is_valid(orders["billing_address_phone"]))
    return _ids(orders.filter(pc.and_(named, pc.invert(orders["test"]))))


def _living_contacts(contacts: pa.Table) -> Ints:
    ids = _ids(contacts.filter(pc.invert(contacts["_fivetran_deleted"])))
    return ids[ids % 4 < 2]
