"""The journal's entries as Arrow batches of the tables in `ops`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from reverse_etl.state import tables
from reverse_etl.state.entries import ABSORBED, MERGED, MOVED, SKIPPED

Said = tuple[str, pa.RecordBatch]
ARROW = {"text": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us")}
STATUS = {**dict.fromkeys(("upsert", "event", "restore", MOVED), "delivered"), **SKIPPED, MERGED: "merged"}
# Status → an operation that leaves it; of those removed, only the cleared keep their id.
OPERATION = {"delivered": "upsert", **{status: name for name, status in SKIPPED.items()}, "merged": MERGED}
CLEARED = "clear"
# What these leave at the destination is found by its id no longer.
DEAD = ("archive", "delete", "uncreate", MERGED, ABSORBED)


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of one of the tables."""
    return pa.schema([(name, ARROW[kind]) for name, kind in tables.TABLES[table].items()])


def record_batch(operation: str, said: Sequence[Said], same: Mapping[str, Any]) -> pa.RecordBatch:
    """Acknowledgements of one operation as rows of ops.sync_records.

    Args:
        said: when, and rows of `entries.SCHEMA`.
        same: columns that have one value in all rows.
    """
    acks = pa.concat_batches([rows for _, rows in said])
    moments = [np.repeat(np.datetime64(moment(when), "us"), rows.num_rows) for when, rows in said]
    acks = acks.append_column("acknowledged_at", pa.array(np.concatenate(moments)))
    values = {
        **same,
        "status": STATUS.get(operation, "removed"),
        # An archived contact's id is dead; a cleared one lives on and is found by it.
        **({"destination_id": None} if operation in DEAD else {}),
    }
    schema = schema_of(tables.RECORDS)
    arrays = [
        acks.column(part.name)
        if part.name in acks.schema.names and part.name not in values
        else pa.repeat(pa.scalar(values.get(part.name), part.type), acks.num_rows)
        for part in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@lru_cache(maxsize=1024)
def moment(text: str | None) -> datetime | None:
    """An ISO time as the warehouse keeps it: UTC without a zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None
