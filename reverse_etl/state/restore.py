"""The warehouse's state from the journal's receipts, after the warehouse lost it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.state.journal import Journal
from reverse_etl.state.shape import record_batch, schema_of
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals

INCOMING = f"{tables.RECORDS}_restored"


def restore_records(warehouse: Warehouse, journal: Journal, sync: str, destination: str) -> int:
    """Insert the receipts of records that `ops.sync_records` does not know, in one transaction; how many.

    What the warehouse knows is left as it is. Digests stay comparable when the warehouse's key of digests
    was lost too, for the journal's is used again; else the records are sent anew once, which is guarded.
    """
    columns = tables.TABLES[tables.RECORDS]
    schema = schema_of(tables.RECORDS)

    def batches() -> Iterator[pa.RecordBatch]:
        for group in journal.receipts.all(sync, destination):
            yield record_batch(group)

    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect, journal.salt())
        reader = pa.RecordBatchReader.from_batches(schema, batches())
        connection.ingest(tables.SCHEMA, INCOMING, reader, append=False)
        known = (
            exp.select(column("record_key"))
            .from_(tables.table(tables.RECORDS))
            .where(equals("sync", sync))
            .where(equals("destination", destination))
        )
        absent = exp.not_(exp.In(this=column("record_key"), query=known.subquery()))
        rows = exp.select(*map(column, columns)).from_(tables.table(INCOMING)).where(absent)
        counted = exp.select(exp.Count(this=exp.Star())).from_(tables.table(INCOMING)).where(absent.copy())
        number = int(connection.execute(counted.sql(dialect=warehouse.dialect))[0][0])
        query = exp.insert(rows, tables.table(tables.RECORDS), columns=list(columns))
        connection.execute(query.sql(dialect=warehouse.dialect))
        connection.execute(f"drop table {tables.table(INCOMING).sql(dialect=warehouse.dialect)}")
    return number
