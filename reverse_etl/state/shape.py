"""The journal's entries as Arrow batches of the tables in `ops`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from reverse_etl.state import tables
from reverse_etl.state.entries import MERGED, SKIPPED

Columns = dict[str, Sequence[Any]]

ARROW = {"text": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us")}
STATUS = {**dict.fromkeys(("upsert", "event", "restore"), "delivered"), **SKIPPED, MERGED: "merged"}
DEAD = ("archive", "uncreate", MERGED)  # what these leave at the destination is found by its id no longer


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of one of the tables."""
    return pa.schema([(name, ARROW[kind]) for name, kind in tables.TABLES[table].items()])


def by_column(cursor: sqlite3.Cursor, size: int) -> Iterator[Columns]:
    """The cursor's rows in groups of so many: column → its values."""
    names = [item[0] for item in cursor.description]
    while group := cursor.fetchmany(size):
        yield dict(zip(names, zip(*group, strict=True), strict=True))


def record_batch(acks: Columns, same: Mapping[str, Any] | None = None) -> pa.RecordBatch:
    """Acknowledgements as rows of ops.sync_records.

    Args:
        acks: columns as the journal has them.
        same: columns that have one value in all rows.
    """
    operations = acks["operation"]
    size = len(operations)
    columns: Columns = {
        **acks,
        **{name: [value] * size for name, value in (same or {}).items()},
        "status": [STATUS.get(operation, "removed") for operation in operations],
        # An archived contact's id is dead; a cleared one lives on and is found by it.
        "destination_id": [
            None if operation in DEAD else found
            for operation, found in zip(operations, acks["destination_id"], strict=True)
        ],
        "acknowledged_at": [moment(text) for text in acks["acknowledged_at"]],
    }
    schema = schema_of(tables.RECORDS)
    arrays = [pa.array(columns.get(part.name, [None] * size), part.type) for part in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@lru_cache(maxsize=1024)
def moment(text: str | None) -> datetime | None:
    """An ISO time as the warehouse keeps it: UTC without a zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None
