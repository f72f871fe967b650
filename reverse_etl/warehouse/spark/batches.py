"""Arrow batches cut and joined to what a message to the server may hold, in a table's own types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from reverse_etl.errors import WarehouseError

PORTION_ROWS = 100_000
PORTION_BYTES = 16 * 1024 * 1024


def slices(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """The batch in parts of at most so many rows."""
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def portions(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables of at most PORTION_ROWS rows and about PORTION_BYTES, none of them empty."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        share = max(1, batch.nbytes // PORTION_BYTES)
        for part in slices(batch, max(1, min(PORTION_ROWS, batch.num_rows // share))):
            if held and (rows + part.num_rows > PORTION_ROWS or size + part.nbytes > PORTION_BYTES):
                yield pa.Table.from_batches(held)
                held, rows, size = [], 0, 0
            held.append(part)
            rows, size = rows + part.num_rows, size + part.nbytes
    if held:
        yield pa.Table.from_batches(held)


def conform(table: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The table with these columns in these types: by name, null where it has none.

    Raises:
        WarehouseError: a value does not fit.
    """
    own = {name.casefold(): name for name in table.schema.names}
    try:
        arrays = [
            table.column(own[field.name.casefold()]).cast(field.type)
            if field.name.casefold() in own
            else pa.nulls(table.num_rows, field.type)
            for field in wanted
        ]
    except pa.ArrowInvalid:
        raise WarehouseError("A value does not fit the type of its column. Nothing was changed.") from None
    return pa.Table.from_arrays(arrays, schema=wanted)
