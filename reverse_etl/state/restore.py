"""The warehouse's state from the journal's receipts, after the warehouse lost it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.state.journal import Journal
from reverse_etl.state.shape import schema_of
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals, named, number

INCOMING = f"{tables.RECORDS}_restored"
_SCHEMA = schema_of(tables.RECORDS).append(pa.field("place", pa.int64()))


def restore_records(warehouse: Warehouse, journal: Journal, sync: str, destination: str) -> int:
    """Insert the receipts of records that `ops.sync_records` does not know, in one transaction; how many.

    What the warehouse knows is left as it is. Digests stay comparable when the warehouse's key of digests
    was lost too, for the journal's is used again; else the records are sent anew once, which is guarded.
    """
    names = list(tables.TABLES[tables.RECORDS])
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect, journal.salt())
        reader = pa.RecordBatchReader.from_batches(_SCHEMA, _receipts(journal, sync, destination))
        connection.stage(INCOMING, reader)
        rows = _unknown(sync, destination, names)
        counted = exp.select(exp.Count(this=exp.Star())).from_(rows.subquery("absent"))
        size = int(connection.execute(counted.sql(dialect=warehouse.dialect))[0][0])
        query = exp.insert(rows, tables.table(tables.RECORDS), columns=names)
        connection.execute(query.sql(dialect=warehouse.dialect))
        connection.drop(INCOMING)
    return size


def _receipts(journal: Journal, sync: str, destination: str) -> Iterator[pa.RecordBatch]:
    """With their place among the sync's receipts."""
    for place, batch in journal.receipts.all(sync, destination):
        places = pa.repeat(pa.scalar(place, pa.int64()), batch.num_rows)
        yield pa.RecordBatch.from_arrays([*batch.columns, places], schema=_SCHEMA)


def _unknown(sync: str, destination: str, names: Sequence[str]) -> exp.Select:
    """The last receipt of each record that the warehouse does not know."""
    known = exp.select(column("record_key")).from_(tables.table(tables.RECORDS))
    known = known.where(equals("sync", sync)).where(equals("destination", destination))
    latest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column("record_key")],
        order=exp.Order(expressions=[column("place").desc()]),
    )
    placed = exp.select(*map(column, names), named(latest, "latest")).from_(exp.to_table(INCOMING))
    return (
        exp.select(*map(column, names))
        .from_(placed.subquery("placed"))
        .where(exp.EQ(this=column("latest"), expression=number(1)))
        .where(exp.not_(exp.In(this=column("record_key"), query=known.subquery())))
    )
