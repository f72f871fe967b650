"""Shopify and Zendesk nested, as Airbyte writes them, become what they become flat, as Fivetran does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only
from tests.support.tables import difference, table_names

pytestmark = [pytest.mark.build, pytest.mark.slow]

LOADED = "2026-03-05 00:00:00"
AT = "2026-03-01T10:00:00Z"
SYSTEM = {"fivetran": "_fivetran_synced", "airbyte": "_airbyte_extracted_at"}
Row = dict[str, Any]


def person(first: str, city: str, phone: str = "") -> Row:
    return {
        "first_name": first,
        "last_name": "Ruiz",
        "phone": phone,
        "address1": f"Calle {city} 1",
        "city": city,
        "zip": "42001",
        "province": city,
        "country_code": "ES",
        "country": "Spain",
    }


ADDRESSES: dict[int, list[Row]] = {
    1: [
        {"id": 11, "default": False, **person("Ana", "Vigo")},
        {"id": 12, "default": True, **person("Ana", "Soria", "+34600123124")},
    ],
    2: [],
}
CUSTOMERS: list[Row] = [
    {
        "id": 1,
        "email": "ana@example.com",
        "first_name": "Ana",
        "accepts_marketing_updated_at": "",
        "consent": {"state": "SUBSCRIBED", "consent_updated_at": "2026-02-01T10:00:00Z"},
    },
    {
        "id": 2,
        "email": "leo@example.com",
        "first_name": "Leo",
        "accepts_marketing_updated_at": AT,
        "consent": {},
    },
]
ORDERS: list[Row] = [
    {
        "id": 101,
        "customer_id": 1,
        "email": "ana@example.com",
        "total_price": "50.10",
        "billing": person("Ana", "Soria"),
    },
    {"id": 102, "customer_id": None, "email": "guest@example.com", "total_price": "12", "billing": None},
]
LINES: dict[int, list[Row]] = {
    101: [
        {
            "id": 1001,
            "product_id": 7,
            "sku": 'A, "1"',
            "name": "Tea",
            "quantity": 2,
            "price": "20.05",
            "total_discount": "0.00",
        },
        {
            "id": 1002,
            "product_id": 8,
            "sku": "donation",
            "name": "Gift",
            "quantity": 1,
            "price": "10.00",
            "total_discount": 0,
        },
    ],
    102: [
        {
            "id": 1003,
            "product_id": 7,
            "sku": "A",
            "name": "Té ☕",
            "quantity": 1,
            "price": 12,
            "total_discount": "0.00",
        }
    ],
}
REFUNDS: dict[int, list[Row]] = {101: [{"id": 501, "created_at": AT, "processed_at": AT}]}
REFUND_LINES: dict[int, list[Row]] = {
    501: [{"id": 601, "line_item_id": 1001, "subtotal": 20.05, "total_tax": 0.0}]
}
PAYBACKS: dict[int, list[Row]] = {
    501: [
        {
            "id": 701,
            "order_id": 101,
            "kind": "refund",
            "status": "success",
            "amount": "20.05",
            "currency": "EUR",
        }
    ]
}
VISITS: dict[int, Row] = {
    101: {
        "id": 801,
        "landing_page": "https://shop.example/tea",
        "referrer_url": "https://news.example",
        "occurred_at": "2026-03-01T09:00:00Z",
        "utm_parameters": {"source": "news", "medium": "email", "campaign": "spring"},
    }
}
CHECKOUTS: list[Row] = [
    {
        "id": 901,
        "customer_id": 2,
        "email": "leo@example.com",
        "token": "t1",
        "total_price": "9.50",
        "billing": person("Leo", "Vigo"),
    }
]
USERS: list[Row] = [
    {"id": 31, "role": "end-user", "email": "ana@example.com", "name": "Ana Ruiz", "created_at": AT},
    {"id": 32, "role": "agent", "email": "help@example.com", "name": "Help", "created_at": AT},
]
TICKETS: list[Row] = [
    {
        "id": 41,
        "requester_id": 31,
        "subject": "Cold tea",
        "status": "closed",
        "created_at": AT,
        "channel": "email",
    },
    {
        "id": 42,
        "requester_id": 31,
        "subject": "Warm tea",
        "status": "open",
        "created_at": AT,
        "channel": "web",
    },
]
COMMENTS: list[Row] = [{"id": 51, "ticket_id": 41, "user_id": 31, "public": True, "created": AT}]
RATINGS: dict[int, Row] = {
    41: {"id": 61, "requester_id": 31, "score": "good", "created_at": AT, "updated_at": AT}
}


def under(prefix: str, values: Mapping[str, Any] | None) -> Row:
    """A nested object's values as columns of their own, as Fivetran names them."""
    named = {"address1": "address_1"}
    return {f"{prefix}_{named.get(key, key)}": value for key, value in (values or {}).items()}


def flat() -> dict[str, list[Row]]:
    """The tables as Fivetran writes them."""
    placed = {"created_at": AT, "updated_at": AT}

    def bought(row: Row) -> Row:
        return {
            **{key: value for key, value in row.items() if key != "billing"},
            **under("billing_address", row["billing"]),
        }

    def lifted(children: Mapping[int, list[Row]], parent: str, **renamed: str) -> list[Row]:
        return [
            {parent: key, **{renamed.get(name, name): value for name, value in row.items()}}
            for key, rows in children.items()
            for row in rows
        ]

    customers = [
        {
            **{key: value for key, value in row.items() if key != "consent"},
            "email_marketing_consent_state": row["consent"].get("state"),
            "email_marketing_consent_updated_at": row["consent"].get("consent_updated_at"),
            "accepts_marketing": True,
            **placed,
        }
        for row in CUSTOMERS
    ]
    visits = [
        {
            **{k: v for k, v in row.items() if k != "utm_parameters"},
            "order_id": order,
            **under("utm_parameters", row["utm_parameters"]),
        }
        for order, row in VISITS.items()
    ]
    return {
        "shopify/customer": customers,
        "shopify/customer_address": lifted(
            ADDRESSES, "customer_id", address1="address_1", default="is_default"
        ),
        "shopify/order": [{**bought(row), "currency": "EUR", "processed_at": AT, **placed} for row in ORDERS],
        "shopify/order_line": lifted(LINES, "order_id"),
        "shopify/refund": lifted(REFUNDS, "order_id"),
        "shopify/order_line_refund": lifted(REFUND_LINES, "refund_id", line_item_id="order_line_id"),
        "shopify/transaction": lifted(PAYBACKS, "refund_id"),
        "shopify/abandoned_checkout": [{**bought(row), "currency": "EUR", **placed} for row in CHECKOUTS],
        "shopify/customer_visit": visits,
        "zendesk/user": USERS,
        "zendesk/ticket": [
            {**{k: v for k, v in row.items() if k != "channel"}, "via_channel": row["channel"]}
            for row in TICKETS
        ],
        "zendesk/ticket_comment": COMMENTS,
        "zendesk/satisfaction_rating": [{"ticket_id": ticket, **row} for ticket, row in RATINGS.items()],
    }


def nested() -> dict[str, list[Row]]:
    """The same as Airbyte writes them."""
    placed = {"created_at": AT, "updated_at": AT}

    def bought(row: Row) -> Row:
        rest = {key: value for key, value in row.items() if key not in ("billing", "customer_id")}
        customer = {"id": row["customer_id"], "email": row["email"]} if row["customer_id"] else None
        return {**rest, "customer": customer, "billing_address": row["billing"]}

    def refunds(order: int) -> list[Row]:
        return [
            {**row, "refund_line_items": REFUND_LINES[row["id"]], "transactions": PAYBACKS[row["id"]]}
            for row in REFUNDS.get(order, [])
        ]

    customers = [
        {
            **{key: value for key, value in row.items() if key != "consent"},
            "email_marketing_consent": row["consent"] or None,
            "accepts_marketing": True,
            "addresses": ADDRESSES[row["id"]],
            **placed,
        }
        for row in CUSTOMERS
    ]
    orders = [
        {
            **bought(row),
            "line_items": LINES[row["id"]],
            "refunds": refunds(row["id"]),
            "currency": "EUR",
            "processed_at": AT,
            **placed,
        }
        for row in ORDERS
    ]
    tickets = [
        {
            **{key: value for key, value in row.items() if key != "channel"},
            "via": {"channel": row["channel"], "source": {"from": {}}},
            "satisfaction_rating": RATINGS.get(row["id"], {"score": "unoffered"}),
        }
        for row in TICKETS
    ]
    return {
        "shopify/customers": customers,
        "shopify/orders": orders,
        "shopify/abandoned_checkouts": [{**bought(row), "currency": "EUR", **placed} for row in CHECKOUTS],
        "shopify/customer_journey_summary": [
            {"order_id": order, "customer_journey_summary": {"ready": True, "last_visit": row}}
            for order, row in VISITS.items()
        ],
        "zendesk/users": USERS,
        "zendesk/tickets": tickets,
        "zendesk/ticket_comments": [
            {"id": 51, "ticket_id": 41, "author_id": 31, "public": True, "created_at": AT} for _ in COMMENTS
        ],
    }


def files(tables: Mapping[str, list[Row]], loader: str) -> dict[str, str | bytes | pa.Table]:
    """CSV, with JSON where values are nested, and when the loader brought each row."""
    return {f"{name}.csv": text(rows, SYSTEM[loader]) for name, rows in tables.items()}


def text(rows: Iterable[Row], loaded: str) -> str:
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "loaded"))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([*names, loaded])
    for row in rows:
        cells = (row.get(name) for name in names)
        cells = (
            json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell for cell in cells
        )
        writer.writerow([*cells, row.get("loaded", LOADED)])
    return written.getvalue()


def shape(loader: str) -> dict[str, Any]:
    return only("shopify", "zendesk", shopify={"loader": loader}, zendesk={"loader": loader})


NATIVE = {
    "shopify.orders": ("line_items", "refunds", "customer", "billing_address"),
    "shopify.customers": ("addresses", "email_marketing_consent"),
    "zendesk.tickets": ("via", "satisfaction_rating"),
}


def make_native(settings: Settings) -> None:
    """JSON columns in the engine's own type, as Airbyte makes them where there is one."""
    kind = "json" if settings.target == "duckdb" else "jsonb"
    with open_warehouse(settings).connect() as connection:
        for table, columns in NATIVE.items():
            for name in columns:
                connection.execute(
                    f"alter table {table} alter column {name} type {kind} using nullif({name}, '')::{kind}"
                )


def built(
    settings: Settings,
    tables: Mapping[str, list[Row]],
    folder: Path,
    loader: str,
    *,
    native: bool = False,
) -> dict[str, list[Row]]:
    """What base models hold of these raw tables, which take the place of what was loaded before."""
    load_folder(settings, write_raw(folder, files(tables, loader)))
    if native:
        make_native(settings)
    report = build(settings, select=["base_*", "raw_accounting"], variables=shape(loader), exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    with open_warehouse(settings).connect() as connection:
        names = [name for name in connection.tables("staging") if name.startswith("base_")]
    return {name: rows_of(settings, "staging", name) for name in names}


def lines(tables: Mapping[str, list[Row]], *columns: str) -> dict[Any, tuple[Any, ...]]:
    return {
        row["record_id"]: tuple(row[name] for name in columns) for row in tables["base_shopify__order_line"]
    }


def test_nested_json_becomes_what_flat_tables_become(any_settings: Settings, tmp_path: Path) -> None:
    expected = built(any_settings, flat(), tmp_path / "flat", "fivetran")
    with open_warehouse(any_settings).connect() as connection:
        connection.execute("drop schema shopify cascade")
        connection.execute("drop schema zendesk cascade")
    found = built(any_settings, nested(), tmp_path / "nested", "airbyte", native=True)
    assert len(expected["base_shopify__order_line"]) == 3
    for name, rows in expected.items():
        assert found[name] == rows, name
    counted = accounting(any_settings)
    assert counted["shopify", "transaction"] == (1, 1, 0, 0)
    assert all(raw == staged for raw, staged, _, _ in counted.values())


def test_what_is_nested_is_refused_replaced_and_deleted_like_a_table(
    any_settings: Settings, tmp_path: Path
) -> None:
    tables = nested()
    orders = tables["shopify/orders"]
    orders[1]["line_items"] = "[{broken"
    found = built(any_settings, tables, tmp_path / "first", "airbyte")
    assert lines(found, "order_id", "row_status", "row_reason") == {
        "1001": ("101", "staged", None),
        "1002": ("101", "staged", None),
        None: ("102", "quarantined", "order.line_items: not JSON, or with a key twice or a NUL in it"),
    }
    assert {row["record_id"]: row["row_status"] for row in found["base_shopify__order"]} == {
        "101": "staged",
        "102": "staged",
    }

    orders[0]["line_items"][0]["quantity"] = 9
    orders[1]["line_items"] = []
    found = built(any_settings, tables, tmp_path / "second", "airbyte")
    assert lines(found, "quantity") == {"1001": (9,), "1002": (1,)}, "other values under the same load times"

    orders.append({"id": 102, "deleted_at": "2026-03-06T10:00:00Z", "loaded": "2026-03-07 00:00:00"})
    found = built(any_settings, tables, tmp_path / "third", "airbyte")
    kept = {
        row["id"]: row["is_deleted"] for row in found["base_shopify__order"] if row["row_status"] == "staged"
    }
    assert kept == {"101": False, "102": True}, "of what was deleted nothing but the key comes"


def test_nested_json_is_read_alike_on_spark(tmp_path: Path) -> None:
    settings = {name: make_settings(tmp_path / name, name) for name in ("duckdb", "spark")}
    try:
        for name, one in settings.items():
            load_folder(one, write_raw(tmp_path / f"{name}_raw", files(nested(), "airbyte")))
            report = build(one, select=["base_*"], variables=shape("airbyte"), exclude=TESTS)
            assert report.succeeded, describe_failures(report)
        tables = table_names(settings["duckdb"], "staging")
        assert "base_shopify__order_line" in tables
        found = (difference(settings["duckdb"], settings["spark"], "staging", table) for table in tables)
        assert [text for text in found if text] == []
    finally:
        server.leave(tmp_path / "spark" / "spark")
