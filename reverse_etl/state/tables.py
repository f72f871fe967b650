"""The tables that the engine keeps in `ops`, in one place. It writes nowhere else in the warehouse."""

from __future__ import annotations

import secrets

from sqlglot import exp

from reverse_etl.warehouse import Connection

SCHEMA = "ops"

# In place of a digest: what was acknowledged is forgotten, and the next plan says so and waits for a yes.
RESYNC = "resync"
UNDONE = "undone"

RUNS = "sync_runs"
RECORDS = "sync_records"
REJECTS = "sync_rejects"
SALT = "sync_salt"

# Types that every engine has. Counts: planned = delivered + rejected + deferred in every row of sync_runs.
TABLES: dict[str, dict[str, str]] = {
    RUNS: {
        "run_id": "text",
        "sync": "text",
        "destination": "text",
        "plan_id": "text",
        "status": "text",  # done | rejected | interrupted | stopped | held | resync | undone
        "started_at": "timestamp",
        "finished_at": "timestamp",
        "model_rows": "bigint",
        "planned": "bigint",
        "delivered": "bigint",
        "rejected": "bigint",
        "deferred": "bigint",
        "added": "bigint",
        "changed": "bigint",
        "removed": "bigint",
        "unchanged": "bigint",
        "held": "bigint",
        "granted": "bigint",  # people who consented to purpose and channel; null when the rows are not people
        "message": "text",
        "failure": "text",  # class of what ended it early: configuration | retriable; null when nothing did
    },
    # People's values are here only as digests, keyed by the salt.
    RECORDS: {
        "sync": "text",
        "destination": "text",
        "record_key": "text",
        "status": "text",  # delivered | removed | there (before us) | absent | merged
        "digest": "text",
        "digest_version": "text",
        "mapping": "text",
        "field_digests": "text",
        "destination_id": "text",
        "acknowledged_at": "timestamp",
        "run_id": "text",
        "fingerprints": "text",  # field with a write policy → of what it holds by this sync, JSON
        "edited": "text",  # fields that somebody edited at the destination, comma between
        "retaken": "text",  # fields that a resync declared ours, until they are written; comma between
        "mark": "bigint",  # of the model's row, by the engine's own hash: see planner.marks
    },
    REJECTS: {
        "sync": "text",
        "destination": "text",
        "record_key": "text",
        "operation": "text",
        "class": "text",  # record | retriable | configuration | permanent
        "reason": "text",
        "attempts": "bigint",
        "next_retry_at": "timestamp",  # null: parked until the row changes
        "digest": "text",
        "rejected_at": "timestamp",
        "run_id": "text",
    },
    SALT: {"salt": "text"},
}


def table(name: str) -> exp.Table:
    """The table's quoted name as a tree."""
    return exp.table_(name, db=SCHEMA, quoted=True)


def ensure_tables(connection: Connection, dialect: str, salt: str | None = None) -> None:
    """Create the schema and what is absent of the tables and their columns; nothing else is altered.

    Args:
        salt: the key of earlier digests that is known elsewhere, for when the warehouse's own is gone.

    Raises:
        ConfigurationError: another role made one of them, and did not let this one write it.
    """
    connection.require_rights(SCHEMA, list(TABLES))
    for name, columns in TABLES.items():
        present = connection.columns(SCHEMA, name)
        if present is None:
            connection.make_table(SCHEMA, name, columns)
            continue
        for column in columns.keys() - present.keys():
            connection.add_column(SCHEMA, name, column, columns[column])
    if not connection.execute(exp.select("salt").from_(table(SALT)).sql(dialect=dialect)):
        value = exp.select(exp.Literal.string(salt or secrets.token_hex(16)))
        connection.execute(exp.insert(value, table(SALT)).sql(dialect=dialect))


def read_salt(connection: Connection, dialect: str) -> str:
    """The key of the digests."""
    return str(connection.execute(exp.select("salt").from_(table(SALT)).sql(dialect=dialect))[0][0])
