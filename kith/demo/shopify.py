"""The trade as Fivetran brings it from Shopify's GraphQL interface."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    HOUR,
    MINUTE,
    Bools,
    Ints,
    chance,
    join,
    money,
    nth,
    number_text,
    only,
    pick,
    synced,
    table,
    times,
    where,
)
from kith.demo.devices import Devices
from kith.demo.mess import with_older_versions
from kith.demo.people import GRANTED, WITHDRAWN, People
from kith.demo.schemas import SHOPIFY
from kith.demo.trade import PRICES, RECENT, Orders
from kith.demo.visits import CHECKING_OUT, ORDERED, Visits
from kith.demo.writing import written_email, written_name, written_phone

FIRST_CHECKOUT_ID = 3_300_000_000_000
_TILL = 7_700_000_101


def shopify_tables(
    rng: np.random.Generator, people: People, devices: Devices, orders: Orders, visits: Visits
) -> dict[str, pa.Table]:
    """Every table of the schema `shopify` for these people, but for the products."""
    order, customer_known = _orders(rng, people, orders)
    return {
        "customer": with_older_versions(rng, _customers(rng, people, orders, customer_known), 0.01),
        "customer_address": _addresses(rng, people),
        "order": with_older_versions(rng, order, 0.01),
        "order_line": _lines(people, orders),
        "refund": _refunds(people, orders),
        "transaction": _transactions(people, orders),
        "abandoned_checkout": _checkouts(rng, people, devices, visits),
        "customer_visit": _customer_visits(people, visits),
    }


def _utc(moments: Ints, known: Bools | None = None) -> pa.Array:
    return times(moments // 1_000_000 * 1_000_000, known, "UTC")


def amounts(name: str, cents: Ints) -> dict[str, object]:
    """A pair of amounts, in the customer's currency and in the shop's: both euros."""
    value = money(cents)
    return {
        f"{name}_pres_amount": value,
        f"{name}_pres_currency_code": "EUR",
        f"{name}_shop_amount": value,
        f"{name}_shop_currency_code": "EUR",
    }


def _customers(rng: np.random.Generator, people: People, orders: Orders, known: Bools) -> pa.Table:
    owner = np.flatnonzero(people.shops)
    index, count = pa.array(owner), len(owner)
    counted = known & ~orders.test
    number = np.bincount(orders.owner[counted], minlength=people.count)
    spent = np.bincount(
        orders.owner[counted], weights=(orders.total - orders.refunded)[counted], minlength=people.count
    )
    state, decided = _shop_consent(people)
    created = people.joined[owner]
    last = np.maximum(np.where(decided > 0, decided, 0)[owner], created)
    # An address that changed was changed in the shop's account too, that day.
    last = np.maximum(last, np.where(people.moved_at < people.now, people.moved_at, 0)[owner])
    states = ("NOT_SUBSCRIBED", "SUBSCRIBED", "UNSUBSCRIBED")
    columns: dict[str, object] = {
        "id": people.customer_id[owner],
        "email": written_email(rng, people.address_at(owner, np.full(count, people.now))),
        "email_marketing_consent_state": pick(states, state[owner]),
        "email_marketing_consent_opt_in_level": only(
            state[owner] > 0, pick(("SINGLE_OPT_IN", "CONFIRMED_OPT_IN"), people.key[owner] % 2)
        ),
        "email_marketing_consent_updated_at": _utc(decided[owner], state[owner] > 0),
        "first_name": written_name(rng, people.given.take(index)),
        "last_name": written_name(rng, people.family.take(index)),
        "phone": only(chance(rng, count, 0.65), written_phone(rng, people.phone[owner], placeholders=0.01)),
        "orders_count": number[owner],
        "total_spent": money(np.rint(spent[owner]).astype(np.int64)),
        "created_at": _utc(created),
        "updated_at": _utc(last),
        "_fivetran_synced": _utc(synced(last, people.now)),
        **{"currency": "EUR", "state": "enabled", "tax_exempt": False, "verified_email": True},
    }
    return table(SHOPIFY["customer"], count, columns)


def _shop_consent(people: People) -> tuple[Ints, Ints]:
    """Shopify's view: 0 never, 1 subscribed, 2 unsubscribed, and since when. Some left only in the CRM."""
    left_here = (people.consent == WITHDRAWN) & ~people.left_in_crm
    state = np.where(left_here, 2, np.where(people.consent > 0, 1, 0))
    early = people.joined + np.minimum(HOUR, (people.now - people.joined) // 2)
    decided = np.where(left_here | (people.consent == GRANTED), people.decided, early)
    return state, decided


def _addresses(rng: np.random.Generator, people: People) -> pa.Table:
    owner = np.flatnonzero(people.shops & chance(rng, people.count, 0.9))
    index, count = pa.array(owner), len(owner)
    place = _place(people, owner)
    columns: dict[str, object] = {
        "id": people.customer_id[owner] + 1,
        "customer_id": people.customer_id[owner],
        "first_name": people.given.take(index),
        "last_name": people.family.take(index),
        "name": join(people.given.take(index), " ", people.family.take(index)),
        "phone": only(chance(rng, count, 0.3), written_phone(rng, people.phone[owner])),
        "is_default": True,
        "timezone": "Europe/Madrid",
        "_fivetran_synced": _utc(synced(people.joined[owner], people.now)),
        **place,
    }
    return table(SHOPIFY["customer_address"], count, columns)


def _place(people: People, owner: Ints, prefix: str = "") -> dict[str, object]:
    home = people.home(owner)
    return {
        f"{prefix}address_1": home.street,
        f"{prefix}city": home.city,
        f"{prefix}province": home.province,
        f"{prefix}province_code": pick([place.province_code for place in pools.CITIES], people.city[owner]),
        f"{prefix}zip": home.postcode,
        f"{prefix}country": "Spain",
        f"{prefix}country_code": "ES",
    }


def _orders(rng: np.random.Generator, people: People, orders: Orders) -> tuple[pa.Table, Bools]:
    """The orders, and for which of them the shop knows the customer."""
    count, owner, online = orders.count, orders.owner, ~orders.till
    # At the till, a member card names the customer; of the last days' sales it always does.
    card = chance(rng, count, 0.8) | (orders.ordered_at > people.now - RECENT)
    known = ~orders.guest & (online | card)
    address = people.address_at(owner, orders.ordered_at)
    written = written_email(rng, address, typos=0.008, invalid=0.004)
    leaves_email = online | chance(rng, count, 0.4)
    phone = written_phone(rng, people.phone[owner], placeholders=0.01)
    leaves_phone = chance(rng, count, np.where(online, 0.5, 0.04))
    later = orders.ordered_at + np.where(orders.refunded > 0, 5 * DAY, np.where(orders.cancelled, HOUR, 0))
    updated = np.minimum(later, people.now - MINUTE)
    columns: dict[str, object] = {
        "id": orders.id,
        "name": join("#", number_text(orders.id % 1_000_000_000)),
        "number": orders.id % 1_000_000_000,
        "customer_id": pa.array(people.customer_id[owner], mask=~known),
        "email": only(leaves_email, written),
        "billing_address_phone": only(leaves_phone, phone),
        "customer_accepts_marketing": people.consent[owner] == GRANTED,
        "source_name": where(orders.till, "pos", "web"),
        "location_id": pa.array(np.full(count, _TILL), mask=online),
        "client_ip": only(online, join("198.51.100.", number_text(orders.id % 254 + 1))),
        "display_financial_status": _financial_status(orders),
        "display_fulfillment_status": where(orders.cancelled | orders.pending, "UNFULFILLED", "FULFILLED"),
        "cancelled_at": _utc(np.minimum(orders.ordered_at + HOUR, people.now), orders.cancelled),
        "cancel_reason": where(orders.cancelled, "CUSTOMER", None),
        "test": orders.test,
        **_moments(orders, updated, people.now),
        **_order_amounts(orders),
        **_ship_to(people, orders, online),
    }
    return table(SHOPIFY["order"], count, columns), known


def _moments(orders: Orders, updated: Ints, now: int) -> dict[str, object]:
    return {
        "created_at": _utc(orders.ordered_at),
        "processed_at": _utc(orders.ordered_at),
        "updated_at": _utc(updated),
        "_fivetran_synced": _utc(synced(updated, now)),
        **{"_fivetran_deleted": False, "confirmed": True, "taxes_included": True, "customer_locale": "es"},
        **{"currency_code": "EUR", "presentment_currency_code": "EUR"},
    }


def _order_amounts(orders: Orders) -> dict[str, object]:
    paid = orders.basket.value - orders.discount
    return {
        **amounts("subtotal_price_set", paid),
        **amounts("total_discounts_set", orders.discount),
        **amounts("total_price_set", orders.total),
        **amounts("total_shipping_price_set", orders.shipping),
        **amounts("total_tax_set", (orders.basket.goods - orders.discount) * 21 // 121),
    }


def _ship_to(people: People, orders: Orders, online: Bools) -> dict[str, object]:
    index = pa.array(orders.owner)
    place = _place(people, orders.owner, "shipping_address_")
    place |= {
        "shipping_address_first_name": people.given.take(index),
        "shipping_address_last_name": people.family.take(index),
    }
    return {
        name: only(online, values if isinstance(values, pa.Array) else pa.repeat(str(values), orders.count))
        for name, values in place.items()
    }


def _financial_status(orders: Orders) -> pa.Array:
    status = np.where(orders.refunded >= orders.total, 1, np.where(orders.refunded > 0, 2, 0))
    status = np.where(orders.cancelled, 4, np.where(orders.pending, 3, status))
    return pick(("PAID", "REFUNDED", "PARTIALLY_REFUNDED", "PENDING", "VOIDED"), status)


def _lines(people: People, orders: Orders) -> pa.Table:
    """The products of each order, and its donation as a line of its own."""
    basket = orders.basket
    groups = (
        (np.flatnonzero(basket.first >= 0), 0),
        (np.flatnonzero(basket.second >= 0), 1),
        (np.flatnonzero(basket.gift > 0), 2),
    )
    row = np.concatenate([rows for rows, _ in groups])
    place = np.repeat([0, 1, 2], [len(rows) for rows, _ in groups])
    gift = place == 2
    product = np.where(gift, pools.DONATION, np.where(place == 1, basket.second[row], basket.first[row]))
    quantity = np.where(place == 0, basket.quantity[row], 1)
    title = pick([item.title for item in pools.PRODUCTS], product)
    sku = where(gift, "DONATION", join("SKU-", number_text(1000 + product)))
    columns: dict[str, object] = {
        "id": orders.id[row] * 4 + place,
        "order_id": orders.id[row],
        "product_id": pools.FIRST_PRODUCT_ID + product,
        "variant_id": pools.FIRST_PRODUCT_ID + 1_000_000 + product,
        "quantity": quantity,
        **{"name": title, "title": title, "sku": sku},
        **amounts("original_total_set", np.where(gift, basket.gift[row], PRICES[product] * quantity)),
        **amounts("total_discount_set", np.where(place == 0, orders.discount[row], 0)),
        **{"requires_shipping": ~gift, "taxable": ~gift, "is_gift_card": False, "unfulfilled_quantity": 0},
        "vendor": "Cumbre",
        "_fivetran_synced": _utc(synced(orders.ordered_at[row], people.now)),
    }
    return table(SHOPIFY["order_line"], len(row), columns)


def _refunded_at(orders: Orders, rows: Ints, now: int) -> Ints:
    return np.minimum(orders.ordered_at[rows] + 5 * DAY, now - MINUTE)


def _refunds(people: People, orders: Orders) -> pa.Table:
    rows = np.flatnonzero(orders.refunded > 0)
    moment = _refunded_at(orders, rows, people.now)
    columns: dict[str, object] = {
        "id": orders.id[rows] + 100,
        "order_id": orders.id[rows],
        "created_at": _utc(moment),
        "updated_at": _utc(moment),
        "_fivetran_synced": _utc(synced(moment, people.now)),
        **amounts("total_refunded_set", orders.refunded[rows]),
    }
    return table(SHOPIFY["refund"], len(rows), columns)


def _transactions(people: People, orders: Orders) -> pa.Table:
    """A sale for each order that was paid, and a refund for what was paid back."""
    paid = np.flatnonzero(~orders.cancelled & ~orders.pending)
    back = np.flatnonzero(orders.refunded > 0)
    row, is_refund = np.concatenate([paid, back]), np.arange(len(paid) + len(back)) >= len(paid)
    moment = np.where(is_refund, _refunded_at(orders, row, people.now), orders.ordered_at[row])
    columns: dict[str, object] = {
        "id": orders.id[row] * 2 + is_refund,
        "order_id": orders.id[row],
        "parent_id": pa.array(orders.id[row] * 2, mask=~is_refund),
        "refund_id": pa.array(orders.id[row] + 100, mask=~is_refund),
        "kind": where(is_refund, "refund", "sale"),
        "status": "success",
        "gateway": where(orders.till[row], "cash", "shopify_payments"),
        "test": orders.test[row],
        "created_at": _utc(moment),
        "processed_at": _utc(moment),
        "_fivetran_synced": _utc(synced(moment, people.now)),
        **amounts("amount_set", np.where(is_refund, orders.refunded[row], orders.total[row])),
    }
    return table(SHOPIFY["transaction"], len(row), columns)


def _checkouts(rng: np.random.Generator, people: People, devices: Devices, visits: Visits) -> pa.Table:
    """Checkouts that were left, and some that were left and finished within the visit."""
    left = visits.depth == CHECKING_OUT
    finished = (visits.depth == ORDERED) & chance(rng, visits.count, 0.15)
    owner_of = devices.owner[visits.device]
    rows = np.flatnonzero((left | finished) & (people.shops | people.guest)[owner_of])
    owner, count = owner_of[rows], len(rows)
    created = visits.start[rows] + 80 * 1_000_000
    updated = np.minimum(np.where(finished[rows], created + 40 * 1_000_000, created + MINUTE), people.now)
    known = people.shops[owner]
    phone = written_phone(rng, people.phone[owner], placeholders=0.01)
    value = visits.basket.take(rows).value
    index = pa.array(owner)
    columns: dict[str, object] = {
        "id": FIRST_CHECKOUT_ID + people.key[owner] * 128 + nth(owner),
        "customer_id": pa.array(people.customer_id[owner], mask=~known),
        "abandoned_checkout_url": join(pools.SHOP + "/checkouts/", visits.cart_id.take(pa.array(rows))),
        "billing_address_phone": only(~known | chance(rng, count, 0.3), phone),
        "billing_address_first_name": people.given.take(index),
        "billing_address_last_name": people.family.take(index),
        "created_at": _utc(created),
        "completed_at": _utc(updated, finished[rows]),
        "updated_at": _utc(updated),
        "_fivetran_synced": _utc(synced(updated, people.now)),
        **{"_fivetran_deleted": False, "taxes_included": True},
        **amounts("subtotal_price_set", value),
        **amounts("total_line_items_price_set", value),
        **amounts("total_price_set", value),
    }
    return table(SHOPIFY["abandoned_checkout"], count, columns)


def _customer_visits(people: People, visits: Visits) -> pa.Table:
    """What brought each order's visit."""
    rows = np.flatnonzero(visits.order_id > 0)
    moment, campaign = visits.start[rows], visits.campaign[rows]
    utm = {
        f"utm_parameters_{column}": pick([getattr(item, part) for item in pools.CAMPAIGNS], campaign)
        for column, part in (
            ("source", "source"),
            ("medium", "medium"),
            ("campaign", "name"),
            ("content", "content"),
        )
    }
    columns: dict[str, object] = {
        "id": visits.order_id[rows] + 200,
        "order_id": visits.order_id[rows],
        "type": "last_visit",
        "landing_page": pools.SHOP + "/",
        "occurred_at": _utc(moment),
        "referrer_url": pick([item.referrer for item in pools.CAMPAIGNS], campaign),
        "source": where(campaign == 0, "direct", "referral"),
        "_fivetran_synced": _utc(synced(moment, people.now)),
        **utm,
    }
    return table(SHOPIFY["customer_visit"], len(rows), columns)
