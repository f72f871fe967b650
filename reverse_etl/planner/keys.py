"""What stops a plan before it is made: keys that are null or repeated, and a model without rows."""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.config.declared import MODEL_SCHEMA
from reverse_etl.errors import HeldError
from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals


def check_keys(connection: Connection, ask: Question) -> int:
    """The model's rows.

    Raises:
        HeldError: null or duplicate keys, or no rows where some were delivered.
    """
    rows, keyed, distinct = connection.execute(ask.render(_key_counts(ask)))[0]
    model = f"{MODEL_SCHEMA}.{ask.file.model}"
    if keyed < rows:
        raise HeldError(
            f"HELD  {ask.sync}  {rows - keyed:,} of {rows:,} rows of {model} have no `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is not null.",
        )
    if distinct < keyed:
        raise HeldError(
            f"HELD  {ask.sync}  {keyed - distinct:,} rows of {model} repeat a `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is unique.",
        )
    # A model of events may hold a window alone, and the window may be empty.
    may_be_empty = ask.file.mode == "event" and ask.file.guards.min_rows == 0
    if rows == 0 and not may_be_empty and delivered_before(connection, ask):
        raise HeldError(
            f"HELD  {ask.sync}  {model} has no rows, and {delivered_before(connection, ask):,} records were "
            "delivered from it before. Nothing was sent.",
            "Look at the last load and build; it is planned anew when rows are back.",
        )
    return int(rows)


def _key_counts(ask: Question) -> exp.Select:
    """One row: rows, rows with a key, distinct keys."""
    key = column(ask.file.key)
    distinct = exp.Count(this=exp.Distinct(expressions=[key.copy()]))
    return exp.select(exp.Count(this=exp.Star()), exp.Count(this=key), distinct).from_(ask.source)


def delivered_before(connection: Connection, ask: Question) -> int:
    """Records that the destination holds by this sync."""
    query = (
        exp.select(exp.Count(this=exp.Star()))
        .from_(tables.table(tables.RECORDS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
        .where(equals("status", "delivered"))
    )
    return int(connection.execute(ask.render(query))[0][0])
