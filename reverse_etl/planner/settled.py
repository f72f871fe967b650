"""Rejects that are over without a delivery.

The record left the model and is not to be removed, it is held by consent, or its row is again what the
destination holds. Nothing of such a record is to be written, so that nothing of it waits. If it is to be
written once more, it begins anew.
"""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.planner.question import Question
from reverse_etl.planner.verdicts import SHARES, UNSURE, WAITS
from reverse_etl.state import tables
from reverse_etl.state.writing import take_rows
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals, is_not_null, is_null

SETTLED = "kith_settled"


def keep_settled(connection: Connection, ask: Question, outcome: str) -> None:
    """Keep their keys as a table. Without rejects nothing more than those is read."""
    query = _rejects(ask)
    if connection.execute(ask.render(_rejects(ask).limit(1))):
        query = query.join(
            _to_write(outcome).subquery("written"),
            on=exp.EQ(this=column("record_key", "written"), expression=column("record_key", "rejects")),
            join_type="left",
        ).where(is_null(column("record_key", "written")))
    connection.keep(SETTLED, ask.render(query))


def forget_settled(connection: Connection, ask: Question) -> None:
    """Take them from the rejects."""
    keys = exp.select(column("record_key")).from_(exp.to_table(SETTLED))
    if not connection.execute(ask.render(keys.copy().limit(1))):
        return
    within = {"sync": ask.sync, "destination": ask.destination}
    take_rows(connection, ask.dialect, tables.table(tables.REJECTS), keys, key="record_key", within=within)


def _rejects(ask: Question) -> exp.Select:
    rejects = exp.alias_(tables.table(tables.REJECTS), "rejects", table=True)
    return (
        exp.select(column("record_key", "rejects"))
        .from_(rejects)
        .where(equals("sync", ask.sync, "rejects"))
        .where(equals("destination", ask.destination, "rejects"))
    )


def _to_write(outcome: str) -> exp.Select:
    """Records with an operation, and those that get one when what holds them is over."""
    query = exp.select(column("record_key")).from_(exp.to_table(outcome))
    return query.where(
        exp.or_(is_not_null(column("operation")), column("reason").isin(WAITS, SHARES, UNSURE))
    )
