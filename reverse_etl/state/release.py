"""Makes rejects due, those that are parked among them."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import equals


def release_rejects(warehouse: Warehouse, sync: str, destination: str, now: datetime) -> int:
    """Let the next plan try every reject of the sync at the destination; how many. Attempts count on."""
    mine = exp.and_(equals("sync", sync), equals("destination", destination))
    rejects = tables.table(tables.REJECTS)
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect)
        counted = exp.select(exp.Count(this=exp.Star())).from_(rejects).where(mine.copy())
        number = int(connection.execute(counted.sql(dialect=warehouse.dialect))[0][0])
        if number:
            moment = exp.Literal.string(now.replace(tzinfo=None).isoformat(sep=" "))
            due: dict[str, object] = {"next_retry_at": exp.cast(moment, "timestamp")}
            query = exp.update(rejects.copy(), due, where=mine.copy())
            connection.execute(query.sql(dialect=warehouse.dialect))
    return number
