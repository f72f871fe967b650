"""What stops a plan before it is made: keys that are null, blank or repeated."""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.config.declared import MODEL_SCHEMA
from reverse_etl.errors import HeldError
from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals, number, text

BLANKS = " \t\n\r"


def check_keys(connection: Connection, ask: Question) -> int:
    """The model's rows.

    Raises:
        HeldError: null, blank or duplicate keys.
    """
    rows, keyed, distinct = connection.execute(ask.render(_key_counts(ask)))[0]
    model = f"{MODEL_SCHEMA}.{ask.file.model}"
    if keyed < rows:
        raise HeldError(
            f"HELD  {ask.sync}  {rows - keyed:,} of {rows:,} rows of {model} have no `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is neither null nor blank.",
        )
    if distinct < keyed:
        raise HeldError(
            f"HELD  {ask.sync}  {keyed - distinct:,} rows of {model} repeat a `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is unique.",
        )
    return int(rows)


def _key_counts(ask: Question) -> exp.Select:
    """One row: rows, rows with a key, distinct keys. A text without a sign in it is no key."""
    key = exp.cast(column(ask.file.key), "text")
    first = exp.Substring(this=key.copy(), start=number(1), length=number(1))
    # To look through each key costs more than all else that is asked here.
    blank = exp.and_(
        first.isin("", *BLANKS),
        exp.EQ(this=exp.Trim(this=key.copy(), expression=text(BLANKS)), expression=text("")),
    )
    kept = exp.Case(ifs=[exp.If(this=exp.not_(blank), true=key)])
    distinct = exp.Count(this=exp.Distinct(expressions=[kept.copy()]))
    return exp.select(exp.Count(this=exp.Star()), exp.Count(this=kept), distinct).from_(ask.source)


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
