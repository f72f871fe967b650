"""Whole tables as comparable values, whatever engine they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

Row = tuple[Any, ...]
NUMERIC = ("numeric", "decimal")


def read_table(settings: Settings, schema: str, table: str) -> tuple[list[str], Counter[Row]]:
    """The table's columns in order of name, and how often each row stands in it."""
    with open_warehouse(settings).connect(read_only=True) as connection:
        kinds = connection.columns(schema, table)
        assert kinds is not None, f"{schema}.{table} is absent"
        names = sorted(kinds)
        selected = ", ".join(f'"{name}"' for name in names)
        rows = connection.execute(f"select {selected} from {schema}.{table}")
    return names, Counter(tuple(plain(row, names, kinds)) for row in rows)


def plain(row: Sequence[Any], names: Sequence[str], kinds: dict[str, str]) -> list[Any]:
    return [value(item, kinds[name]) for item, name in zip(row, names, strict=True)]


def value(item: Any, kind: str) -> Any:
    """An engine's value as the one that equal values of all engines have."""
    if item is None:
        return None
    if kind.lower().startswith(NUMERIC):
        return Decimal(str(item)).normalize()
    if isinstance(item, datetime):
        return item.replace(tzinfo=None)
    return item


def table_names(settings: Settings, schema: str) -> list[str]:
    with open_warehouse(settings).connect(read_only=True) as connection:
        return connection.tables(schema)


def difference(one: Settings, other: Settings, schema: str, table: str) -> str | None:
    """What differs first, told by column; None when the tables are equal."""
    columns, left = read_table(one, schema, table)
    other_columns, right = read_table(other, schema, table)
    if columns != other_columns:
        return f"{schema}.{table}: columns {sorted(set(columns) ^ set(other_columns))}"
    if left == right:
        return None
    only_left, only_right = list(left - right), list(right - left)
    text = (
        f"{schema}.{table}: {len(only_left)} and {len(only_right)} rows of {left.total()} stand on one side"
    )
    pair = nearest(only_left, only_right)
    if pair:
        cells = [f"{name}: {a!r} and {b!r}" for name, a, b in zip(columns, *pair, strict=True) if a != b]
        text += f"; nearest pair differs in {cells}"
    return text


def nearest(left: list[Row], right: list[Row]) -> tuple[Row, Row] | None:
    pairs = [(a, b) for a in left[:50] for b in right[:50]]
    return min(pairs, key=lambda p: sum(x != y for x, y in zip(*p, strict=True)), default=None)
