"""The tables of Square, as Airbyte writes them: nested values as JSON, money in cents."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    Ints,
    json_object,
    number_text,
    numbered,
    synced,
    times,
    tokens,
)
from kith.demo.schemas import schema
from kith.demo.sources.room import World

LOCATION = "LSECONDSHOP01"
_LOADER = "utc: _airbyte_extracted_at ; text: _airbyte_raw_id"
_MOMENTS = "utc: created_at updated_at"
TABLES = {
    "customers": schema(
        "text: id given_name family_name email_address phone_number birthday address", _MOMENTS, _LOADER
    ),
    "payments": schema(
        "text: id order_id customer_id location_id amount_money total_money refunded_money",
        "text: status source_type card_details buyer_email_address",
        _MOMENTS,
        _LOADER,
    ),
    "orders": schema(
        "text: id customer_id location_id state total_money source line_items",
        _MOMENTS,
        "utc: closed_at",
        _LOADER,
    ),
    "refunds": schema(
        "text: id order_id payment_id location_id amount_money status reason", _MOMENTS, _LOADER
    ),
    "locations": schema("text: id name status ; utc: created_at", _LOADER),
    "loyalty_accounts": schema(
        "text: id customer_id program_id mapping ; utc: enrolled_at", _MOMENTS, _LOADER
    ),
    "loyalty_events": schema("text: id type loyalty_account_id accumulate_points ; utc: created_at", _LOADER),
}


def customer_id(world: World, owner: Ints) -> pa.Array:
    """The id of each person in the directory."""
    return numbered("SQC", world.people.key[owner] * 3, 22)


def euros(cents: Ints) -> pa.Array:
    """Money as Square has it."""
    return json_object(amount=number_text(cents), currency='"EUR"')


def loaded(rng: np.random.Generator, world: World, created: Ints, updated: Ints) -> dict[str, object]:
    """When it was made and changed, and what the loader adds."""
    return {
        "created_at": times(created, None, "UTC"),
        "updated_at": times(updated, None, "UTC"),
        "_airbyte_extracted_at": times(synced(updated, world.now), None, "UTC"),
        "_airbyte_raw_id": tokens(rng, len(created)),
    }
