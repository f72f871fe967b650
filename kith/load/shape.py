"""Fits a file's columns to the table that is already there."""

from __future__ import annotations

from kith.load.typed_source import Types, is_plain, plain
from reverse_etl.warehouse.base import quote

_TEXT = {"VARCHAR", "TEXT", "CHARACTER VARYING", "CHARACTER", "STRING"}
# What DuckDB calls a type → what every engine's `add_column` understands.
_SHARED = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
# What PostgreSQL and Spark call a type → what DuckDB does. A bare numeric keeps what DuckDB can hold.
_FROM_ENGINE = {
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "DOUBLE PRECISION": "DOUBLE",
    "REAL": "FLOAT",
    "NUMERIC": "DECIMAL(38,10)",
    "BYTEA": "BLOB",
    "BINARY": "BLOB",
    "INT": "INTEGER",
}


def fit(types: Types, existing: Types) -> tuple[list[str], Types]:
    """How to append columns to a table.

    Args:
        types: the file's columns with DuckDB's types. existing: the table's, with its engine's.

    Returns:
        The select list over the file, and the columns that the table lacks with the type to add.
    """
    by_name = {name.casefold(): name for name in existing}
    chosen: list[str] = []
    added: Types = {}
    for name, kind in types.items():
        own = by_name.get(name.casefold(), name)
        value = plain(quote(name), kind)
        if own in existing:
            value = _cast(value, kind, existing[own].upper())
        else:
            added[own] = kind
        chosen.append(f"{value} as {quote(own)}")
    return chosen, added


def _cast(value: str, kind: str, target: str) -> str:
    if target in _TEXT:
        return f"cast({value} as varchar)"
    wanted = _FROM_ENGINE.get(target, target)
    if wanted == kind or not is_plain(wanted):
        return value
    return f"cast({value} as {wanted})"


def as_it_is(types: Types) -> list[str]:
    """The select list for a table that is made new."""
    return [f"{plain(quote(name), kind)} as {quote(name)}" for name, kind in types.items()]


def sql_type(plain_type: str) -> str:
    """A plain type's name in `add_column`, for all engines alike."""
    return _SHARED.get(plain_type, plain_type.lower())
