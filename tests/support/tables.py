"""Whole tables as comparable values, whatever engine they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

Row = tuple[Any, ...]
Table = tuple[list[str], Counter[Row]]
NUMERIC = ("numeric", "decimal")


def read_table(settings: Settings, schema: str, table: str) -> tuple[list[str], Counter[Row]]:
    """The table's columns in order of name, and how often each row stands in it."""
    with open_warehouse(settings).connect(read_only=True) as connection:
        kinds = connection.columns(schema, table)
        assert kinds is not None, f"{schema}.{table} is absent"
        names = sorted(kinds)
        sign = "`" if settings.target == "spark" else '"'
        selected = ", ".join(f"{sign}{name}{sign}" for name in names)
        rows = connection.execute(f"select {selected} from {schema}.{table}")
    columns = zip(*rows, strict=True)
    return names, Counter(
        zip(*(plain(column, kinds[name]) for column, name in zip(columns, names, strict=False)), strict=True)
    )


def plain(column: Sequence[Any], kind: str) -> Sequence[Any]:
    """A column's values as those that equal values of all engines have."""
    if kind.lower().startswith(NUMERIC):
        return [None if item is None else Decimal(str(item)).normalize() for item in column]
    if kind.lower().startswith("timestamp"):
        return [None if item is None else item.replace(tzinfo=None) for item in column]
    return column


def table_names(settings: Settings, schema: str) -> list[str]:
    with open_warehouse(settings).connect(read_only=True) as connection:
        return connection.tables(schema)


def difference(one: Settings, other: Settings, schema: str, table: str) -> str | None:
    """What differs first, told by column; None when the tables are equal."""
    return differing((schema, table), read_table(one, schema, table), read_table(other, schema, table))


def differing(name: tuple[str, str], one: Table, other: Table) -> str | None:
    """Likewise, of what was read."""
    schema, table = name
    (columns, left), (other_columns, right) = one, other
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
        text += f"; of {key_of(columns, pair[0])} the nearest pair differs in {cells}"
    elif only_left or only_right:
        text += f"; the first is {key_of(columns, (only_left or only_right)[0])}"
    return text


def key_of(columns: Sequence[str], row: Row) -> dict[str, Any]:
    """What tells the row apart: its source, its ids and keys."""
    return {
        name: value
        for name, value in zip(columns, row, strict=True)
        if name in ("source", "table", "audience") or name.endswith(("_id", "_key", "_type"))
    }


def nearest(left: list[Row], right: list[Row]) -> tuple[Row, Row] | None:
    pairs = [(a, b) for a in left[:50] for b in right[:50]]
    return min(pairs, key=lambda p: sum(x != y for x, y in zip(*p, strict=True)), default=None)
