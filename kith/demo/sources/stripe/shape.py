"""The tables of Stripe, as Fivetran writes them, and the ids in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import Ints, join, numbered, synced, times
from kith.demo.schemas import schema
from kith.demo.sources.room import World

_LOADED = "utc: created _fivetran_synced"
_BILLING = "text: billing_detail_email billing_detail_name billing_detail_phone"
TABLES = {
    "customer": schema(
        "text: id email name phone currency address_line_1 address_city address_postal_code address_state",
        "text: address_country metadata ; number: balance ; flag: delinquent livemode is_deleted",
        _LOADED,
    ),
    "charge": schema(
        "text: id customer_id payment_intent_id payment_method_id card_id invoice_id ; number: amount",
        "number: amount_refunded ; text: currency status failure_code ; flag: paid captured refunded",
        "text: receipt_email description metadata ; flag: livemode",
        _BILLING,
        _LOADED,
    ),
    "card": schema("text: id customer_id fingerprint brand last_4 ; number: exp_month exp_year", _LOADED),
    "payment_method": schema("text: id customer_id type ; flag: livemode", _BILLING, _LOADED),
    "payment_method_card": schema("text: payment_method_id fingerprint brand ; utc: _fivetran_synced"),
    "payment_intent": schema(
        "text: id customer_id payment_method_id receipt_email status ; number: amount",
        "text: currency metadata ; flag: livemode",
        _LOADED,
    ),
    "invoice": schema(
        "text: id customer_id charge_id payment_intent_id subscription_id currency",
        "number: total amount_paid ; text: status metadata ; flag: livemode is_deleted",
        "utc: period_end status_transitions_finalized_at status_transitions_paid_at",
        _LOADED,
    ),
    "refund": schema("text: id charge_id ; number: amount ; text: currency status reason", _LOADED),
    "dispute": schema(
        "text: id charge_id ; number: amount ; text: currency status reason metadata ; flag: livemode",
        _LOADED,
    ),
    "subscription_history": schema(
        "text: id customer_id status metadata ; flag: livemode _fivetran_active",
        "utc: start_date canceled_at ended_at _fivetran_start _fivetran_end",
        _LOADED,
    ),
}


def customer_id(world: World, owner: Ints) -> pa.Array:
    """The id of each person's customer."""
    return numbered("cus_", world.people.key[owner] * 7, 14)


def method_id(world: World, owner: Ints) -> pa.Array:
    """The id of each customer's means of payment."""
    return numbered("pm_", world.people.key[owner] * 7, 24)


def card_id(world: World, owner: Ints) -> pa.Array:
    """The id of each customer's card, as the older form has it."""
    return numbered("card_", world.people.key[owner] * 7, 24)


def loaded(world: World, created: Ints, changed: Ints | None = None) -> dict[str, object]:
    """When it was made, and when the loader brought it."""
    brought = synced(created if changed is None else np.maximum(created, changed), world.now)
    return {"created": times(created, None, "UTC"), "_fivetran_synced": times(brought, None, "UTC")}


def guest_method(number: Ints) -> pa.Array:
    """The id of the means of payment of a guest's charge."""
    return numbered("pm_g", number, 23)


def subscription_id(world: World, owner: Ints) -> pa.Array:
    """The id of each person's subscription."""
    return numbered("sub_", world.people.key[owner], 14)


def full_name(world: World, owner: Ints) -> pa.Array:
    """Given and family name."""
    index = pa.array(owner)
    return join(world.people.given.take(index), " ", world.people.family.take(index))
