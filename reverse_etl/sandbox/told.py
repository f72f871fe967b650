"""What the engine says it did: its counts and its state, read from `ops`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals


@dataclass(frozen=True)
class Told:
    """What `ops` says of a sync at a destination.

    Attributes:
        planned, delivered, rejected, deferred: over all its runs.
        left: deferred by the last run that was not held.
        living: key → the destination's id, of records that it says are there.
        gone: keys that it says were removed.
        rejects: key → class of what was refused and is not there.
    """

    planned: int
    delivered: int
    rejected: int
    deferred: int
    left: int
    living: Mapping[str, str | None]
    gone: frozenset[str]
    rejects: Mapping[str, str]


def read_told(warehouse: Warehouse, sync: str, destination: str) -> Told:
    """Read it."""

    def query(name: str, *columns: str) -> exp.Select:
        chosen = exp.select(*map(column, columns)).from_(tables.table(name))
        return chosen.where(equals("sync", sync)).where(equals("destination", destination))

    counts = ("planned", "delivered", "rejected", "deferred")
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect)

        def rows(asked: exp.Select) -> list[tuple[object, ...]]:
            return connection.execute(asked.sql(dialect=warehouse.dialect))

        runs = rows(query(tables.RUNS, "status", *counts).order_by("started_at", "run_id"))
        records = rows(query(tables.RECORDS, "record_key", "status", "destination_id"))
        rejects = rows(query(tables.REJECTS, "record_key", "class"))
    planned, delivered, rejected, deferred = (
        sum(int(str(row[place])) for row in runs) for place in range(1, len(counts) + 1)
    )
    sent = [row for row in runs if row[0] != "held"]
    return Told(
        planned=planned,
        delivered=delivered,
        rejected=rejected,
        deferred=deferred,
        left=int(str(sent[-1][4])) if sent else 0,
        living={str(key): str(id_) if id_ else None for key, status, id_ in records if status == "delivered"},
        gone=frozenset(str(key) for key, status, _ in records if status == "removed"),
        rejects={str(key): str(kind) for key, kind in rejects},
    )
