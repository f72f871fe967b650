"""The visits as Segment writes them: calls, one table per event, identities."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo import pools
from kith.demo.columns import (
    DAY,
    MINUTE,
    SECOND,
    Bools,
    Ints,
    chance,
    join,
    number_text,
    only,
    pick,
    table,
    times,
    uuids,
    where,
)
from kith.demo.devices import NEVER, Devices, device_traits
from kith.demo.people import People
from kith.demo.schemas import SEGMENT
from kith.demo.trade import PRICES
from kith.demo.visits import ADDED, CHECKING_OUT, LOOKED, ORDERED, Steps, Visits, steps
from kith.demo.writing import written_email, written_name, written_phone

EVENTS = {
    "product_viewed": ("Product Viewed", LOOKED, 12),
    "product_added": ("Product Added", ADDED, 40),
    "cart_viewed": ("Cart Viewed", ADDED, 58),
    "checkout_started": ("Checkout Started", CHECKING_OUT, 80),
    "order_completed": ("Order Completed", ORDERED, 120),
}
_PAGES = (
    ("Home", LOOKED, 0),
    ("Product", LOOKED, 11),
    ("Cart", ADDED, 57),
    ("Checkout", CHECKING_OUT, 79),
    ("Order confirmed", ORDERED, 119),
)
_PATHS = ("/", "/products/", "/cart", "/checkout", "/orders/confirmed")
_TITLES = tuple(product.title for product in pools.PRODUCTS)
_HANDLES = tuple(product.handle for product in pools.PRODUCTS)


def segment_tables(
    rng: np.random.Generator, people: People, devices: Devices, visits: Visits
) -> dict[str, pa.Table]:
    """Every table of the schema `segment` for these people."""
    context = _visit_context(rng, people, devices, visits)
    events = _event_tables(rng, people, devices, visits, context)
    shared = SEGMENT["tracks"].names
    tracks = pa.concat_tables([events[name].select(shared) for name in EVENTS])
    pages, screens = _pages_and_screens(rng, people, devices, visits, context)
    return {
        "identifies": _identifies(rng, people, devices),
        "users": _users(rng, people),
        "pages": pages,
        "screens": screens,
        "tracks": tracks,
        **events,
    }


def _visit_context(
    rng: np.random.Generator, people: People, devices: Devices, visits: Visits
) -> dict[str, pa.Array]:
    """What every call of a visit repeats: who, on what, from where."""
    device = pa.array(visits.device)
    owner = devices.owner[visits.device]
    known = devices.login_at[visits.device] <= visits.start
    context = {name: values.take(device) for name, values in device_traits(devices).items()}
    browser = ~devices.app[visits.device]
    for part in ("source", "medium", "name", "content"):
        values = pick([getattr(campaign, part) for campaign in pools.CAMPAIGNS], visits.campaign)
        context[f"context_campaign_{part}"] = only(browser, values)
    context["referrer"] = only(
        browser, pick([campaign.referrer for campaign in pools.CAMPAIGNS], visits.campaign)
    )
    context["anonymous_id"] = devices.anonymous_id.take(device)
    context["user_id"] = only(known, people.user_id.take(pa.array(owner)))
    context["context_ip"] = _addresses(rng, visits.count)
    context["context_locale"] = pick(pools.LOCALES, people.locale[owner])
    return context


def _addresses(rng: np.random.Generator, count: int) -> pa.Array:
    networks = ("192.0.2.", "198.51.100.", "203.0.113.")
    return join(pick(networks, rng.integers(0, 3, count)), number_text(rng.integers(1, 255, count)))


def _call(
    rng: np.random.Generator, now: int, moment: Ints, app: Bools, *, context: dict[str, pa.Array], rows: Ints
) -> dict[str, object]:
    """The columns of any call. One in a hundred of the app's comes days late, once the phone is online."""
    late = chance(rng, len(moment), np.where(app, 0.01, 0.001))
    delay = (rng.exponential(2.0, len(moment)) * SECOND).astype(np.int64)
    delay = np.where(late, (rng.random(len(moment)) * 6 * DAY).astype(np.int64), delay) // 1000 * 1000
    received = np.minimum(moment + delay + 40_000, now)
    return {
        "id": uuids(rng, len(moment)),
        "timestamp": times(moment),
        "sent_at": times(np.maximum(moment, received - 30_000)),
        "received_at": times(received),
        **{name: values.take(pa.array(rows)) for name, values in context.items() if name != "referrer"},
    }


def _event_tables(
    rng: np.random.Generator, people: People, devices: Devices, visits: Visits, context: dict[str, pa.Array]
) -> dict[str, pa.Table]:
    made = {}
    for name, (text, depth, offset) in EVENTS.items():
        found = steps(rng, visits, (depth,), (offset,))
        app = devices.app[visits.device[found.visit]]
        columns = _call(rng, people.now, found.moment, app, context=context, rows=found.visit)
        columns |= {"event": name, "event_text": text, **_on_page(visits, found, name, app, context)}
        made[name] = table(SEGMENT[name], len(app), columns | _properties(visits, found.visit, name))
    return made


def _on_page(
    visits: Visits, found: Steps, event: str, app: Bools, context: dict[str, pa.Array]
) -> dict[str, object]:
    """The page on which a browser's event happened."""
    page = {"product_viewed": 1, "product_added": 1, "cart_viewed": 2, "checkout_started": 3}.get(event, 4)
    path, title = _page(visits, found.visit, np.full(len(app), page))
    browser = ~app
    return {
        "context_page_path": only(browser, path),
        "context_page_url": only(browser, join(pools.SHOP, path)),
        "context_page_title": only(browser, title),
        "context_page_referrer": context["referrer"].take(pa.array(found.visit)),
    }


def _page(visits: Visits, rows: Ints, page: Ints) -> tuple[pa.Array, pa.Array]:
    """Path and title of a page of a visit; product pages are of the visit's first product."""
    product = np.maximum(visits.basket.first[rows], 0)
    is_product = page == 1
    path = join(pick(_PATHS, page), where(is_product, pick(_HANDLES, product), ""))
    return path, where(is_product, pick(_TITLES, product), pick([name for name, _, _ in _PAGES], page))


def _properties(visits: Visits, rows: Ints, event: str) -> dict[str, object]:
    """The event's own columns."""
    basket = visits.basket.take(rows)
    product = np.maximum(basket.first, 0)
    cart = visits.cart_id.take(pa.array(rows))
    of_product = {
        "product_id": number_text(pools.FIRST_PRODUCT_ID + product),
        "name": pick(_TITLES, product),
        "price": PRICES[product] / 100,
        "currency": "EUR",
    }
    of_cart = {"cart_id": cart, "value": basket.value / 100, "currency": "EUR"}
    if event == "product_viewed":
        return dict(of_product)
    if event == "product_added":
        return of_product | of_cart | {"quantity": np.maximum(basket.quantity, 1)}
    if event == "order_completed":
        return of_cart | {"order_id": number_text(visits.order_id[rows]), "total": visits.total[rows] / 100}
    return dict(of_cart)


def _pages_and_screens(
    rng: np.random.Generator, people: People, devices: Devices, visits: Visits, context: dict[str, pa.Array]
) -> tuple[pa.Table, pa.Table]:
    found = steps(
        rng, visits, tuple(depth for _, depth, _ in _PAGES), tuple(offset for _, _, offset in _PAGES)
    )
    app = devices.app[visits.device[found.visit]]
    return (
        _pages(rng, people, visits, context, _those(found, ~app)),
        _screens(rng, people, visits, context, _those(found, app)),
    )


def _those(found: Steps, fit: Bools) -> Steps:
    return Steps(found.visit[fit], found.moment[fit], found.step[fit])


def _pages(
    rng: np.random.Generator, people: People, visits: Visits, context: dict[str, pa.Array], found: Steps
) -> pa.Table:
    count = len(found.visit)
    path, title = _page(visits, found.visit, found.step)
    columns = _call(
        rng, people.now, found.moment, np.zeros(count, np.bool_), context=context, rows=found.visit
    )
    inside = where(found.step == 1, pools.SHOP + "/", pools.SHOP + "/products/")
    referrer = pc.if_else(pa.array(found.step == 0), context["referrer"].take(pa.array(found.visit)), inside)
    columns |= {"path": path, "url": join(pools.SHOP, path), "title": title, "referrer": referrer}
    return table(SEGMENT["pages"], count, _fitting("pages", columns))


def _screens(
    rng: np.random.Generator, people: People, visits: Visits, context: dict[str, pa.Array], found: Steps
) -> pa.Table:
    count = len(found.visit)
    columns = _call(
        rng, people.now, found.moment, np.ones(count, np.bool_), context=context, rows=found.visit
    )
    columns["name"] = pick([name for name, _, _ in _PAGES], found.step)
    return table(SEGMENT["screens"], count, _fitting("screens", columns))


def _fitting(name: str, columns: dict[str, object]) -> dict[str, object]:
    """The columns that the table has."""
    return {column: values for column, values in columns.items() if column in SEGMENT[name].names}


def _identifies(rng: np.random.Generator, people: People, devices: Devices) -> pa.Table:
    """A call at each log-in, and for some again later, by then with the address of that day."""
    logged = np.flatnonzero(devices.login_at != NEVER)
    again = logged[chance(rng, len(logged), 0.4)]
    later = devices.login_at[again] + (
        rng.random(len(again)) * (people.now - devices.login_at[again])
    ).astype(np.int64)
    rows = np.concatenate([logged, again])
    moment = np.concatenate(
        [devices.login_at[logged], np.minimum(later // 1000 * 1000, people.now - 10 * MINUTE)]
    )
    owner = devices.owner[rows]
    context: dict[str, pa.Array] = {
        name: values.take(pa.array(rows)) for name, values in device_traits(devices).items()
    }
    context["anonymous_id"] = devices.anonymous_id.take(pa.array(rows))
    context["user_id"] = people.user_id.take(pa.array(owner))
    context["context_ip"] = _addresses(rng, len(rows))
    context["context_locale"] = pick(pools.LOCALES, people.locale[owner])
    columns = _call(rng, people.now, moment, devices.app[rows], context=context, rows=np.arange(len(rows)))
    traits = _traits(rng, people, owner, moment)
    return table(SEGMENT["identifies"], len(rows), _fitting("identifies", columns | traits))


def _users(rng: np.random.Generator, people: People) -> pa.Table:
    """One row an account with what is known of it today."""
    owner = np.flatnonzero(people.account)
    today = np.full(len(owner), people.now)
    seen = people.joined[owner] + (rng.random(len(owner)) * (people.now - people.joined[owner])).astype(
        np.int64
    )
    columns = _traits(rng, people, owner, today)
    columns |= {"id": people.user_id.take(pa.array(owner)), "received_at": times(seen // 1000 * 1000)}
    return table(SEGMENT["users"], len(owner), columns)


def _traits(rng: np.random.Generator, people: People, owner: Ints, moment: Ints) -> dict[str, object]:
    index = pa.array(owner)
    phone = written_phone(rng, people.phone[owner], placeholders=0.02)
    return {
        "email": written_email(rng, people.address_at(owner, moment), invalid=0.004),
        "first_name": written_name(rng, people.given.take(index)),
        "last_name": written_name(rng, people.family.take(index)),
        "phone": only(chance(rng, len(owner), 0.6), phone),
    }
