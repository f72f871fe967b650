"""NUL characters in text: DuckDB keeps them and PostgreSQL cannot, so both get a visible mark instead."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

NUL = "\0"
MARK = "\ufffd"


def mark_nul(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
    """The batch with U+FFFD in place of each NUL of its texts, and how many values held one."""
    columns = []
    marked = 0
    for column in batch.columns:
        held = _holding(column)
        marked += held
        columns.append(pc.replace_substring(column, NUL, MARK) if held else column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema), marked


def _holding(column: pa.Array) -> int:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return 0
    return int(pc.sum(pc.match_substring(column, NUL)).as_py() or 0)
