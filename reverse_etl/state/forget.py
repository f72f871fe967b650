"""Forgets what was acknowledged, so that the next plan compares anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals, text


def forget_acknowledged(warehouse: Warehouse, sync: str, destination: str, fields: Sequence[str]) -> int:
    """Make every record of the sync a changed one; how many. What was learned of ids is kept.

    Args:
        fields: those that are ours to write once more, whoever edited them there.
    """
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect)
        mine = exp.and_(
            equals("sync", sync),
            equals("destination", destination),
            column("status").isin("delivered", "absent"),
        )
        counted = exp.select(exp.Count(this=exp.Star())).from_(tables.table(tables.RECORDS)).where(mine)
        number = int(connection.execute(counted.sql(dialect=warehouse.dialect))[0][0])
        values: dict[str, object] = {"digest": text(tables.RESYNC), "mark": exp.Null()}
        if fields:
            values["retaken"] = text(",".join(fields))
        query = exp.update(tables.table(tables.RECORDS), values, where=mine.copy())
        connection.execute(query.sql(dialect=warehouse.dialect))
    return number
