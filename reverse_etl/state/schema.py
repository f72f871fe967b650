"""The journal's tables. A file of an earlier version gains what it lacks and keeps its entries."""

from __future__ import annotations

import sqlite3
from itertools import groupby, islice

import pyarrow as pa

from reverse_etl.state import entries

SCHEMA = """
create table if not exists runs (
    run_id text primary key, sync text not null, destination text not null, plan_id text,
    status text not null, merged integer not null default 0, started_at text not null, finished_at text,
    model_rows integer not null default 0, planned integer not null default 0,
    added integer not null default 0, changed integer not null default 0, removed integer not null default 0,
    unchanged integer not null default 0, held integer not null default 0, mapping text, digest_version text,
    message text, granted integer, salt text, columns text, learned integer not null default 0,
    failure text
) strict;
create table if not exists batches (
    id integer primary key, run_id text not null, operation text not null, records integer not null,
    acknowledged_at text not null, edited text, entries blob not null
) strict;
create index if not exists batches_of_run on batches (run_id, operation, records);
create table if not exists intents (
    sync text not null, destination text not null, record_key text not null, field text not null,
    fingerprint text not null, primary key (sync, destination, record_key, field, fingerprint)
) strict, without rowid;
create table if not exists rejects (
    run_id text not null, record_key text not null, operation text not null, class text not null,
    reason text not null, digest text, rejected_at text not null, primary key (run_id, record_key)
) strict, without rowid;
"""
# By later versions, to files that were there.
ADDED = {
    "runs": {
        "granted": "integer",
        "salt": "text",
        "columns": "text",
        "learned": "integer not null default 0",
        "failure": "text",
    },
    "acks": {"fingerprints": "text", "edited": "text"},
    "receipts": {"fingerprints": "text", "edited": "text"},
}
# Of earlier versions, with a row a record.
BY_RECORD = ("acks", "receipts")
MOST_RECORDS = 10_000


def prepare(connection: sqlite3.Connection) -> None:
    """Create what is absent of the tables and their columns."""
    connection.executescript(SCHEMA)
    for table, columns in ADDED.items():
        present = {str(row[1]) for row in connection.execute(f"pragma table_info({table})")}
        for name in columns.keys() - present if present else ():
            connection.execute(f"alter table {table} add column {name} {columns[name]}")
        if present and table in BY_RECORD:
            with connection:
                _carry_over(connection, table)


def _carry_over(connection: sqlite3.Connection, table: str) -> None:
    """An earlier version's entries, a row each, as batches."""
    names = ["run_id", "operation", "acknowledged_at", *entries.ACKNOWLEDGED]
    names[names.index("mark")] = "null"  # they had none
    rows = connection.execute(f"select {', '.join(names)} from {table} order by 1, 2, 3")
    for (run_id, operation, moment), group in groupby(rows, key=lambda row: row[:3]):
        while part := [row[3:] for row in islice(group, MOST_RECORDS)]:
            columns = dict(zip(entries.ACKNOWLEDGED, zip(*part, strict=True), strict=True))
            batch = pa.RecordBatch.from_pydict(columns, schema=entries.SCHEMA)
            connection.execute(
                "insert into batches (run_id, operation, records, acknowledged_at, entries) "
                "values (?, ?, ?, ?, ?)",
                [run_id, operation, len(part), moment, entries.pack(batch)],
            )
            if table == "receipts":
                update = "update runs set learned = learned + ? where run_id = ?"
                connection.execute(update, [len(part), run_id])
    connection.execute(f"drop table {table}")
