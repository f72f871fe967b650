"""Who pays: customers, their means of payment, and the cards of guests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import Bools, Ints, chance, json_object, only, quoted, table, where
from kith.demo.sources.room import World
from kith.demo.sources.stripe.charges import Charges
from kith.demo.sources.stripe.shape import (
    TABLES,
    card_id,
    customer_id,
    full_name,
    guest_method,
    loaded,
    method_id,
)
from kith.demo.writing import written_email, written_phone


def customers(rng: np.random.Generator, world: World, owner: Ints) -> pa.Table:
    """The customers."""
    people, count = world.people, len(owner)
    created, home = people.joined[owner], people.home(owner)
    account = people.account[owner] & chance(rng, count, 0.5)
    with_address = chance(rng, count, 0.4)
    columns: dict[str, object] = {
        "id": customer_id(world, owner),
        "email": written_email(rng, people.address_at(owner, np.full(count, world.now)), typos=0.005),
        "name": full_name(world, owner),
        "phone": only(chance(rng, count, 0.3), written_phone(rng, people.phone[owner])),
        "address_line_1": only(with_address, home.street),
        "address_city": only(with_address, home.city),
        "address_postal_code": only(with_address, home.postcode),
        "address_state": only(with_address, home.province),
        "address_country": only(with_address, pa.repeat("ES", count)),
        "metadata": where(
            account, json_object(user_id=quoted(people.user_id.take(pa.array(owner)))), pa.repeat("{}", count)
        ),
        **{"currency": "eur", "balance": 0, "delinquent": False, "livemode": True, "is_deleted": False},
        **loaded(world, created),
    }
    return table(TABLES["customer"], count, columns)


def methods(
    rng: np.random.Generator,
    world: World,
    holders: Ints,
    live: Charges,
    *,
    by_debit: Bools,
    fingerprints: pa.Array,
) -> dict[str, pa.Table]:
    """One for each customer, and one for each charge of a guest, that says no more than the card."""
    guests = live.take(~live.known)
    owner = np.concatenate([holders, guests.owner])
    count, known = len(owner), np.arange(len(owner)) < len(holders)
    created = np.concatenate([world.people.joined[holders], guests.paid_at])
    told = known & chance(rng, count, 0.6)
    debit = known & by_debit[owner]
    method, brought = (
        pa.concat_arrays([method_id(world, holders), guest_method(guests.number)]),
        loaded(world, created),
    )
    columns: dict[str, object] = {
        "id": method,
        "customer_id": only(known, customer_id(world, owner)),
        "type": where(debit, "sepa_debit", pa.repeat("card", count)),
        "billing_detail_email": only(told, world.people.address_at(owner, created)),
        "billing_detail_name": only(told, full_name(world, owner)),
        "livemode": True,
        **brought,
    }
    cards: dict[str, object] = {
        "payment_method_id": method,
        "fingerprint": fingerprints.take(pa.array(owner)),
        "brand": "Visa",
        "_fivetran_synced": brought["_fivetran_synced"],
    }
    return {
        "payment_method": table(TABLES["payment_method"], count, columns),
        "payment_method_card": table(TABLES["payment_method_card"], count, cards).filter(pa.array(~debit)),
    }


def cards(world: World, owner: Ints, fingerprints: pa.Array) -> pa.Table:
    """The cards of customers, as the older form keeps them."""
    columns: dict[str, object] = {
        "id": card_id(world, owner),
        "customer_id": customer_id(world, owner),
        "fingerprint": fingerprints.take(pa.array(owner)),
        **{"brand": "Visa", "last_4": "4242", "exp_month": 12, "exp_year": 2030},
        **loaded(world, world.people.joined[owner]),
    }
    return table(TABLES["card"], len(owner), columns)
