"""Asks the libraries about each e-mail and phone once, and keeps what they say in `ops`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from kith.identity.verdicts import Checker, checkers
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse

CHUNK = 20_000
TABLE = "contact_verdicts"
_TEXT = ("identifier_type", "identifier_value", "library", "library_version", "reason")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXT] + [("is_valid", pa.bool_()), ("checked_at", pa.timestamp("us"))]
)
# Only what the SQL rules let pass; the smallest first, so that a run that was broken off goes on.
UNKNOWN = """
select identifiers.identifier_type, identifiers.identifier_value
from (
    select identifier_type, identifier_value
    from intermediate.int_identifiers
    where identifier_type in ('email', 'phone') and is_valid
    group by identifier_type, identifier_value
) as identifiers
{known}
order by 1, 2
limit {chunk}
"""
KNOWN = """
left join ops.contact_verdicts as verdicts
    on identifiers.identifier_type = verdicts.identifier_type
    and identifiers.identifier_value = verdicts.identifier_value
where verdicts.identifier_value is null
"""


@dataclass
class Verification:
    """What one run asked.

    Attributes:
        checked: values asked about; each is asked about once, ever.
        refused: (identifier type, reason) → values that are none.
    """

    checked: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)


def verify(settings: Settings, chunk: int = CHUNK) -> Verification:
    """Ask about every e-mail and phone that has no verdict yet, a chunk at a time, each kept when it is done.

    Raises:
        ConfigurationError: a library is not installed, or nothing was built yet.
    """
    asked = checkers()
    warehouse = open_warehouse(settings)
    done = Verification()
    while True:
        with warehouse.connect() as connection:
            values = _unknown(connection, chunk)
        if not values:
            return done
        verdicts = pa.RecordBatch.from_pylist(
            list(_verdicts(values, asked, settings.now, done)), schema=SCHEMA
        )
        with warehouse.connect() as connection:
            reader = pa.RecordBatchReader.from_batches(SCHEMA, [verdicts])
            connection.ingest("ops", TABLE, reader, append=True)


def _unknown(connection: Connection, chunk: int) -> list[tuple[str, str]]:
    if connection.columns("intermediate", "int_identifiers") is None:
        raise ConfigurationError("intermediate.int_identifiers does not exist.", "Build first: `kith build`.")
    known = "" if connection.columns("ops", TABLE) is None else KNOWN
    return [
        (str(kind), str(value))
        for kind, value in connection.execute(UNKNOWN.format(known=known, chunk=chunk))
    ]


def _verdicts(
    values: list[tuple[str, str]], asked: dict[str, Checker], now: datetime, done: Verification
) -> Iterator[dict[str, object]]:
    """The table's row of each value; counts them in `done`."""
    for kind, value in values:
        checker = asked[kind]
        reason = checker.reason(value)
        done.checked += 1
        if reason:
            done.refused[kind, reason] += 1
        yield {
            "identifier_type": kind,
            "identifier_value": value,
            "library": checker.library,
            "library_version": checker.version,
            "is_valid": reason is None,
            "reason": reason,
            "checked_at": now.replace(tzinfo=None),
        }
