"""Ana Ruiz, who is in every demo: three devices, shop, app, support, and a cart left this morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from kith.demo import pools
from kith.demo.hubspot import PORTAL
from kith.demo.schemas import SCHEMAS, SEGMENT
from kith.demo.zendesk import AGENT

ENTITY = "ana-ruiz"
USER, CUSTOMER, ORDER, TILL_ORDER, CONTACT, SUPPORT = "u-ana-ruiz", 7731, 1042, 1187, 501, 9207
CHECKOUT = 3301
CART = "c0ffee00c0ffee00c0ffee00c0ffee00"
FIRST_CART = "c0ffee00c0ffee00c0ffee00c0ffee01"
LAPTOP, TABLET, PHONE = (f"a91{place}0000-0000-4000-8000-00000000a9a0" for place in (0, 1, 2))
APP_DEVICE = "A9120000-0000-4000-8000-0000000000A1"
EMAIL, FIRST_EMAIL, NUMBER = "ana@example.com", "Ana.Ruiz@Example.com", "+34 612 345 678"
SHOE = pools.PRODUCTS[0]
SHOE_ID = str(pools.FIRST_PRODUCT_ID)

Row = dict[str, Any]
Rows = dict[str, dict[str, list[Row]]]


def ana_tables(now: datetime) -> dict[str, dict[str, pa.Table]]:
    """Schema → table → her rows, her story leading up to `now`."""
    rows: Rows = {
        "segment": _segment(now),
        "shopify": _shopify(now),
        "hubspot": _hubspot(now),
        "zendesk": _zendesk(now),
    }
    return {
        schema: {name: pa.Table.from_pylist(found, SCHEMAS[schema][name]) for name, found in tables.items()}
        for schema, tables in rows.items()
    }


def ana_truth() -> list[tuple[str, str, str]]:
    """Source, record type and id of each of her records."""
    return [
        *(("segment", "anonymous", device) for device in (LAPTOP, TABLET, PHONE)),
        ("segment", "user", USER),
        ("shopify", "customer", str(CUSTOMER)),
        ("shopify", "order", str(ORDER)),
        ("shopify", "order", str(TILL_ORDER)),
        ("shopify", "checkout", str(CHECKOUT)),
        ("hubspot", "contact", str(CONTACT)),
        ("zendesk", "user", str(SUPPORT)),
    ]


class _Calls:
    """Her Segment calls, numbered, each on one of her devices."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in SEGMENT}

    def add(self, table: str, when: datetime, device: str, /, *, known: bool = True, **columns: Any) -> None:
        """One row of the table; a track also in `tracks`."""
        number = sum(len(rows) for rows in self.rows.values())
        moment = when.replace(tzinfo=None)
        row = {
            "id": f"a9a00000-0000-4000-8000-{number:012d}",
            "anonymous_id": device,
            "user_id": USER if known else None,
            "timestamp": moment,
            "sent_at": moment + timedelta(seconds=1),
            "received_at": moment + timedelta(seconds=2),
            "context_ip": "198.51.100.42",
            "context_locale": "es-ES",
            "context_consent_category_preferences": '{"Advertising":true,"Analytics":true,"Functional":true}',
            **(_APP if device == PHONE else _BROWSER),
            **columns,
        }
        self.rows[table].append(_fitting(table, row))
        if "event" in columns:
            self.rows["tracks"].append(_fitting("tracks", row))


_APP: Row = {
    "context_device_id": APP_DEVICE,
    "context_device_type": "ios",
    "context_device_model": "iPhone17,1",
    "context_app_name": "Cumbre",
    "context_app_version": "5.0.0",
    "context_os_name": "iOS",
    "context_library_name": "analytics-swift",
}
_BROWSER: Row = {"context_user_agent": pools.USER_AGENTS[1], "context_library_name": "analytics.js"}


def _fitting(name: str, row: Row) -> Row:
    return {column: value for column, value in row.items() if column in SEGMENT[name].names}


def _segment(now: datetime) -> dict[str, list[Row]]:
    calls = _Calls()
    traits: Row = {"first_name": "Ana", "last_name": "Ruiz", "phone": NUMBER}
    first = now - timedelta(days=212, hours=3)
    _first_order(calls, first, traits)
    # A second browser, on which she logs in with the address that she uses today.
    second = now - timedelta(days=60)
    _page(calls, second, TABLET, "/", "Home", known=False)
    calls.add("identifies", second + timedelta(minutes=2), TABLET, email=EMAIL, **traits)
    _page(calls, second + timedelta(minutes=3), TABLET, f"/products/{SHOE.handle}", SHOE.title)
    calls.add("identifies", now - timedelta(days=45), PHONE, email=" Ana@Example.com", **traits)
    calls.add("screens", now - timedelta(days=45), PHONE, name="Home")
    _last_days(calls, now)
    user = {
        "id": USER,
        "email": EMAIL,
        "received_at": (now - timedelta(days=45)).replace(tzinfo=None),
        **traits,
    }
    calls.rows["users"].append(user)
    return calls.rows


def _first_order(calls: _Calls, first: datetime, traits: Row) -> None:
    campaign: Row = {"context_campaign_source": "search", "context_campaign_medium": "cpc"}
    campaign |= {"context_campaign_name": "autumn_trail"}
    _page(calls, first, LAPTOP, "/", "Home", known=False, referrer="https://search.example.org/", **campaign)
    _track(calls, "product_viewed", first + timedelta(minutes=1), LAPTOP, known=False, **_shoe())
    calls.add("identifies", first + timedelta(minutes=4), LAPTOP, email=FIRST_EMAIL, **traits)
    cart: Row = {"cart_id": FIRST_CART, "value": 55.0, "currency": "EUR"}
    shirt: Row = {
        "product_id": str(pools.FIRST_PRODUCT_ID + 12),
        "name": "Merino Shirt",
        "price": 55.0,
        "quantity": 1,
    }
    _track(calls, "product_added", first + timedelta(minutes=6), LAPTOP, **shirt, **cart)
    _track(calls, "checkout_started", first + timedelta(minutes=7), LAPTOP, **cart)
    done: Row = {"order_id": str(ORDER), "total": 65.0}
    _track(calls, "order_completed", first + timedelta(minutes=9), LAPTOP, **cart, **done)


def _last_days(calls: _Calls, now: datetime) -> None:
    """Two evenings ago on the web; this morning in the app, where the cart was left."""
    evening = now - timedelta(days=1, hours=12, minutes=46)
    _page(calls, evening, LAPTOP, f"/products/{SHOE.handle}", SHOE.title)
    _track(calls, "product_viewed", evening + timedelta(seconds=1), LAPTOP, **_shoe())
    morning = now - timedelta(minutes=98)
    cart: Row = {"cart_id": CART, "value": 89.0, "currency": "EUR"}
    calls.add("screens", morning, PHONE, name="Product")
    _track(calls, "product_added", morning + timedelta(minutes=1), PHONE, **(_shoe() | cart), quantity=1)
    calls.add("screens", morning + timedelta(minutes=3), PHONE, name="Cart")
    _track(calls, "cart_viewed", morning + timedelta(minutes=3), PHONE, **cart)


def _page(
    calls: _Calls, when: datetime, device: str, path: str, title: str, /, *, known: bool = True, **more: Any
) -> None:
    calls.add("pages", when, device, known=known, path=path, url=pools.SHOP + path, title=title, **more)


def _track(
    calls: _Calls, event: str, when: datetime, device: str, /, *, known: bool = True, **more: Any
) -> None:
    text = event.replace("_", " ").title()
    calls.add(event, when, device, known=known, event=event, event_text=text, **more)


def _shoe() -> Row:
    return {"product_id": SHOE_ID, "name": SHOE.title, "price": SHOE.cents / 100, "currency": "EUR"}


def _euros(name: str, value: int | str) -> Row:
    from decimal import Decimal

    amount = Decimal(value)
    return {
        f"{name}_pres_amount": amount,
        f"{name}_pres_currency_code": "EUR",
        f"{name}_shop_amount": amount,
        f"{name}_shop_currency_code": "EUR",
    }


def _shopify(now: datetime) -> dict[str, list[Row]]:
    first = now - timedelta(days=212, hours=2, minutes=51)
    till = now - timedelta(days=120)
    checkout = now - timedelta(days=90)
    return {
        "customer": [_customer(first, now - timedelta(days=58))],
        "order": [_order(ORDER, first, "web", 65), _order(TILL_ORDER, till, "pos", 159)],
        "order_line": [
            _line(1, ORDER, first, product=12, sku="SKU-1012", euros=55),
            _line(2, ORDER, first, product=pools.DONATION, sku="DONATION", euros=10),
            _line(3, TILL_ORDER, till, product=4, sku="SKU-1004", euros=159),
        ],
        "transaction": [_sale(ORDER, first, 65), _sale(TILL_ORDER, till, 159)],
        "abandoned_checkout": [_checkout(checkout)],
        "customer_visit": [_visit(first)],
    }


def _loaded(moment: datetime) -> Row:
    return {"created_at": moment, "updated_at": moment, "_fivetran_synced": moment + timedelta(hours=6)}


def _customer(first: datetime, changed: datetime) -> Row:
    return {
        **{
            "id": CUSTOMER,
            "email": EMAIL,
            "first_name": "Ana",
            "last_name": "Ruiz",
            "phone": NUMBER,
        },
        **_loaded(first),
        "updated_at": changed,
        "_fivetran_synced": changed + timedelta(hours=6),
        **{"orders_count": 2, "total_spent": 224, "currency": "EUR", "state": "enabled"},
        "email_marketing_consent_state": "SUBSCRIBED",
        "email_marketing_consent_opt_in_level": "CONFIRMED_OPT_IN",
        "email_marketing_consent_updated_at": first,
        **{"verified_email": True, "tax_exempt": False},
    }


def _order(identity: int, moment: datetime, channel: str, euros: int) -> Row:
    online = channel == "web"
    return {
        **{"id": identity, "name": f"#{identity}", "number": identity, "customer_id": CUSTOMER},
        "email": FIRST_EMAIL if online else None,
        "billing_address_phone": "612345678" if online else None,
        **_loaded(moment),
        "processed_at": moment,
        **{"source_name": channel, "display_financial_status": "PAID", "test": False, "confirmed": True},
        **{"currency_code": "EUR", "presentment_currency_code": "EUR", "_fivetran_deleted": False},
        **{"display_fulfillment_status": "FULFILLED", "taxes_included": True, "customer_locale": "es"},
        **_euros("subtotal_price_set", euros),
        **_euros("total_price_set", euros),
        **_euros("total_discounts_set", 0),
        **_euros("total_shipping_price_set", 0),
        **_euros("total_tax_set", 0),
    }


def _line(number: int, order: int, moment: datetime, *, product: int, sku: str, euros: int) -> Row:
    title = pools.PRODUCTS[product].title
    return {
        **{"id": 104200 + number, "order_id": order, "product_id": pools.FIRST_PRODUCT_ID + product},
        **{"quantity": 1, "name": title, "title": title, "sku": sku, "is_gift_card": False},
        **_euros("original_total_set", euros),
        **_euros("total_discount_set", 0),
        "_fivetran_synced": moment + timedelta(hours=6),
    }


def _sale(order: int, moment: datetime, euros: int) -> Row:
    return {
        **{"id": order * 2, "order_id": order, "kind": "sale", "status": "success", "test": False},
        **{"created_at": moment, "processed_at": moment, "_fivetran_synced": moment + timedelta(hours=6)},
        **_euros("amount_set", euros),
    }


def _checkout(moment: datetime) -> Row:
    return {
        **{"id": CHECKOUT, "customer_id": CUSTOMER, "_fivetran_deleted": False, **_loaded(moment)},
        "abandoned_checkout_url": f"{pools.SHOP}/checkouts/{CHECKOUT}",
        "completed_at": moment + timedelta(minutes=4),
        **_euros("total_price_set", 159),
        **_euros("subtotal_price_set", 159),
    }


def _visit(moment: datetime) -> Row:
    return {
        **{"id": 104201, "order_id": ORDER, "type": "last_visit", "landing_page": pools.SHOP + "/"},
        **{"occurred_at": moment, "_fivetran_synced": moment + timedelta(hours=6)},
        **{"utm_parameters_source": "search", "utm_parameters_medium": "cpc"},
        "utm_parameters_campaign": "autumn_trail",
    }


def _hubspot(now: datetime) -> dict[str, list[Row]]:
    met = now - timedelta(days=230)
    guid, name, path = pools.FORMS[1]
    contact: Row = {
        **{"id": CONTACT, "property_email": EMAIL, "property_phone": "612 345 678"},
        **{"property_firstname": "Ana", "property_lastname": "Ruiz", "property_lifecyclestage": "customer"},
        "property_createdate": f"{met:%Y-%m-%d %H:%M:%S}",
        "property_hs_email_optout": False,
        "property_date_of_birth": "1988-05-14",
        **{"property_address": "Calle Mayor 8", "property_city": "Madrid", "property_zip": "28013"},
        "property_country": "Spain",
        "property_lastmodifieddate": met + timedelta(days=20),
        "_fivetran_synced": met + timedelta(days=21),
        "_fivetran_deleted": False,
    }
    submission: Row = {
        **{
            "contact_id": CONTACT,
            "form_id": guid,
            "conversion_id": "501-1",
            "title": name,
            "portal_id": PORTAL,
        },
        "page_url": pools.SHOP + path,
        "timestamp": met,
        "_fivetran_synced": met + timedelta(hours=6),
    }
    return {"contact": [contact], "contact_form_submission": [submission]}


def _zendesk(now: datetime) -> dict[str, list[Row]]:
    asked = now - timedelta(days=200)
    user = {
        **{"id": SUPPORT, "email": FIRST_EMAIL, "phone": NUMBER, "name": "Ana Ruiz", "external_id": USER},
        **{"role": "end-user", "active": True, "suspended": False, "verified": True, **_loaded(asked)},
    }
    ticket = {
        **{"id": 42, "requester_id": SUPPORT, "submitter_id": SUPPORT, "assignee_id": AGENT},
        **{"subject": "Donation receipt", "status": "closed", "priority": "normal", "via_channel": "email"},
        **_loaded(asked),
    }
    comment = {
        **{"id": 421, "ticket_id": 42, "user_id": SUPPORT, "body": "Message 1", "public": True},
        **{"created": asked, "_fivetran_synced": asked + timedelta(hours=6)},
    }
    return {"user": [user], "ticket": [ticket], "ticket_comment": [comment]}
