"""NUL characters in text: DuckDB keeps them and PostgreSQL cannot, so both get a visible mark instead."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from reverse_etl.warehouse import Connection

NUL = "\0"
MARK = "\ufffd"
# schema_name, table_name, marked: how many values of its loads held a NUL. `kith doctor` tells them.
NOTES = ("ops", "marked_values")


def mark_nul(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
    """The batch with U+FFFD in place of each NUL of its texts, and how many values held one."""
    columns = []
    marked = 0
    for column in batch.columns:
        held = _holding(column)
        marked += held
        columns.append(pc.replace_substring(column, NUL, MARK) if held else column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema), marked


def note_marked(connection: Connection, schema: str, table: str, count: int, *, added: bool) -> None:
    """Keep what was counted of a load, beside what was of those that it was added to, else in their place."""
    notes = ".".join(NOTES)
    if not added and connection.columns(*NOTES) is not None:
        connection.execute(f"delete from {notes} where schema_name = '{schema}' and table_name = '{table}'")
    if count:
        connection.make_table(*NOTES, {"schema_name": "text", "table_name": "text", "marked": "bigint"})
        connection.execute(f"insert into {notes} values ('{schema}', '{table}', {count})")


def _holding(column: pa.Array) -> int:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return 0
    return int(pc.sum(pc.match_substring(column, NUL)).as_py() or 0)
