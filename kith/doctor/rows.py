"""What became of the raw rows in the last build: how many were taken, and why the others were not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kith.load.nul import NOTES
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse
from reverse_etl.warehouse.base import quote

# Kind of finding → the table that holds it and how it is counted: what, reason, how many. Reasons and kinds
# are words of Kith's own; no value of a row is ever told.
_COUNTS = {
    "quarantined": (
        ("staging", "quarantined_records"),
        "select source || '.' || {table}, reason, count(*) from staging.quarantined_records "
        "group by source, {table}, reason",
    ),
    "invalid": (
        ("intermediate", "int_identifiers"),
        "select source || '.' || identifier_type, invalid_reason, count(*) from intermediate.int_identifiers "
        "where not is_valid group by source, identifier_type, invalid_reason",
    ),
    "unused": (
        ("intermediate", "int_person_attribute_values"),
        "select attribute, invalid_reason, count(*) from intermediate.int_person_attribute_values "
        "where invalid_reason is not null group by attribute, invalid_reason",
    ),
    "marked": (
        NOTES,
        "select schema_name || '.' || table_name, 'values held a NUL byte, kept as U+FFFD', "
        "cast(sum(marked) as bigint) from ops.marked_values group by schema_name, table_name",
    ),
}
_MONEY = ("orders", "payments", "gifts", "carts")


@dataclass(frozen=True)
class Accounting:
    """One source's raw rows, and what became of them."""

    source: str
    raw: int
    staged: int
    quarantined: int
    duplicate: int
    unaccounted: int


@dataclass(frozen=True)
class Finding:
    """What is counted and not used as it came.

    Attributes:
        kind: quarantined (raw rows), invalid (identifiers), unused (names, dates of birth, addresses),
            marked (values that `kith load` changed) or unconverted (amounts in a currency without a rate).
        subject: the raw table, source and kind of identifier, attribute or mart.
    """

    kind: str
    subject: str
    reason: str
    count: int


def account(settings: Settings) -> list[Accounting] | None:
    """Each source of the last build, in order of name; None when nothing is built yet.

    Raises:
        WarehouseError: the warehouse is held or out of reach.
    """
    with open_warehouse(settings).connect() as connection:
        if connection.columns("staging", "raw_accounting") is None:
            return None
        counted = connection.execute(
            "select source, sum(raw_rows), sum(staged_rows), sum(quarantined_rows), sum(duplicate_rows), "
            "sum(unaccounted_rows) from staging.raw_accounting group by source order by source"
        )
    return [Accounting(source, *map(int, counts)) for source, *counts in counted]


def find(settings: Settings) -> list[Finding]:
    """What was not used as it came, by kind and subject, the most frequent reason first.

    Raises:
        WarehouseError: the warehouse is held or out of reach.
    """
    with open_warehouse(settings).connect() as connection:
        return [*_counted(connection), *_unconverted(connection)]


def _counted(connection: Connection) -> Iterator[Finding]:
    table_word = quote("table", connection.dialect)
    for kind, ((schema, table), query) in _COUNTS.items():
        if connection.columns(schema, table) is None:
            continue
        found = [Finding(kind, *row) for row in connection.execute(query.format(table=table_word))]
        yield from sorted(found, key=lambda finding: (finding.subject, -finding.count, finding.reason))


def _unconverted(connection: Connection) -> Iterator[Finding]:
    for mart in _MONEY:
        if connection.columns("marts", mart) is None:
            continue
        ((count,),) = connection.execute(f"select count(*) from marts.{mart} where not is_converted")
        if count:
            yield Finding("unconverted", mart, "no exchange rate for their currency", int(count))
