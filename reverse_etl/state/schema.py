"""The journal's tables. A file of an earlier version gains what it lacks."""

from __future__ import annotations

import sqlite3

SCHEMA = """
create table if not exists runs (
    run_id text primary key, sync text not null, destination text not null, plan_id text,
    status text not null, merged integer not null default 0, started_at text not null, finished_at text,
    model_rows integer not null default 0, planned integer not null default 0,
    added integer not null default 0, changed integer not null default 0, removed integer not null default 0,
    unchanged integer not null default 0, held integer not null default 0, mapping text, digest_version text,
    message text, granted integer, salt text, columns text
) strict;
create table if not exists acks (
    run_id text not null, record_key text not null, operation text not null, digest text, field_digests text,
    destination_id text, acknowledged_at text not null, fingerprints text, edited text,
    primary key (run_id, record_key)
) strict, without rowid;
create table if not exists receipts (
    sync text not null, destination text not null, record_key text not null, operation text not null,
    digest text, field_digests text, destination_id text, acknowledged_at text not null, run_id text not null,
    fingerprints text, edited text, primary key (sync, destination, record_key)
) strict, without rowid;
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
    "runs": {"granted": "integer", "salt": "text", "columns": "text"},
    "acks": {"fingerprints": "text", "edited": "text"},
    "receipts": {"fingerprints": "text", "edited": "text"},
}


def prepare(connection: sqlite3.Connection) -> None:
    """Create what is absent of the tables and their columns."""
    connection.executescript(SCHEMA)
    for table, columns in ADDED.items():
        present = {str(row[1]) for row in connection.execute(f"pragma table_info({table})")}
        for name in columns.keys() - present:
            connection.execute(f"alter table {table} add column {name} {columns[name]}")
