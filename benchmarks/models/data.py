"""Raw tables of behaviour in Segment's shape, made in DuckDB: the same rows every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

CALL = """
    md5('{table}' || i) as id,
    md5('device' || person) as anonymous_id,
    case when person % 10 < 3 then 'user' || person end as user_id,
    happened as original_timestamp,
    happened + interval 2 second as received_at
"""
CAMPAIGN = """
    case when i % 9 = 0 then 'newsletter' end as context_campaign_source,
    case when i % 9 = 0 then 'email' end as context_campaign_medium,
    case when i % 9 = 0 then 'autumn' end as context_campaign_name
"""
PAGE = "'https://shop.example/p/' || (i % 500) as context_page_url"
PRODUCT = "'sku-' || (i % 500) as product_id, 'Thing ' || (i % 500) as name, 1 as quantity, 'EUR' as currency"
CART = "'cart-' || (i // 3) as cart_id, (i % 9000 / 100)::decimal(18, 2) as value, 'EUR' as currency"
PRICE = "(i % 9000 / 100)::decimal(18, 2)"
# Table → share of the events, its own columns. What is no page and no screen is in `tracks` too.
TABLES = {
    "pages": (
        0.55,
        f"""{CAMPAIGN}, 'https://shop.example/p/' || (i % 500) as url, '/p/' || (i % 500) as path,
        'Thing ' || (i % 500) as title, case when i % 7 = 0 then '?q=thing' end as search,
        case when i % 5 = 0 then 'https://search.example/' end as referrer,
        'analytics.js' as context_library_name""",
    ),
    "screens": (
        0.10,
        "'Home' as name, 'shop' as context_app_name, md5('device' || person) as context_device_id",
    ),
    "product_viewed": (0.20, f"{CAMPAIGN}, {PAGE}, {PRODUCT}, {PRICE} as price"),
    "product_added": (0.07, f"{CAMPAIGN}, {PAGE}, {PRODUCT}, {PRICE} as price, {CART.partition(', ')[0]}"),
    "cart_viewed": (0.04, f"{CAMPAIGN}, {PAGE}, {CART}"),
    "checkout_started": (0.025, f"{CAMPAIGN}, {PAGE}, {CART}, 'order-' || i as order_id"),
    "order_completed": (
        0.015,
        f"{CAMPAIGN}, {PAGE}, {CART}, 'order-' || i as order_id, (i % 9000 / 100)::decimal(18, 2) as total",
    ),
}
TRACKED = [table for table in TABLES if table not in ("pages", "screens")]
# A moment of the day: rows lie in the order of their load, as loaders append them.
MOMENT = "timestamp '{day}' + to_microseconds(cast((i - {first}) * 86000000000 // {count} as bigint))"
# One row in so many comes twice, as overlapping loads bring it.
TWICE = 200


@dataclass(frozen=True)
class Load:
    """Events from `first` to before `last`, of the day on which they were loaded."""

    first: int
    last: int
    people: int
    day: str


def write_raw(warehouse: Path, load: Load) -> int:
    """Add the load to the schema `segment` of the warehouse; the number of rows that it added."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema if not exists segment")
        added = 0
        for table, query in _queries(load):
            connection.execute(f"create table if not exists segment.{table} as from ({query}) limit 0")
            (count,) = connection.execute(f"insert into segment.{table} {query}").fetchall()[0]
            added += count
    return added


def _queries(load: Load) -> Iterator[tuple[str, str]]:
    for table, (share, columns) in TABLES.items():
        rows = _rows(load, share)
        yield table, _twice(f"select {CALL.format(table=table)}, {columns} from ({rows})")
        if table in TRACKED:
            title = table.replace("_", " ").title()
            event = f"'{table}' as event, '{title}' as event_text, {PAGE}, {CAMPAIGN}"
            yield "tracks", _twice(f"select {CALL.format(table=table)}, {event} from ({rows})")
    happened = MOMENT.format(day=load.day, first=0, count=_people(load))
    people = f"select i, i as person, {happened} as happened from range({_people(load)}) as r(i)"
    traits = "'person' || i || '@example.com' as email, 'Given' || (i % 900) as first_name"
    yield (
        "identifies",
        _twice(f"select {CALL.format(table='identifies' + load.day)}, {traits} from ({people})"),
    )


def _rows(load: Load, share: float) -> str:
    first, last = int(load.first * share), int(load.last * share)
    return f"""
        select
            i,
            hash(i) % {load.people} as person,
            {MOMENT.format(day=load.day, first=first, count=max(last - first, 1))} as happened
        from range({first}, {last}) as r(i)"""


def _people(load: Load) -> int:
    return load.people * (load.last - load.first) // max(load.last, 1)


def _twice(query: str) -> str:
    return f"""with rows as ({query})
        from rows union all select * replace (received_at + interval 1 hour as received_at) from rows
        where hash(id) % {TWICE} = 0"""
