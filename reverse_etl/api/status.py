"""How do the syncs stand?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from reverse_etl.api.definitions import chosen_syncs, read_warehouse
from reverse_etl.config import load_definitions
from reverse_etl.config.load import Sync
from reverse_etl.config.problems import refuse
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection, open_warehouse
from reverse_etl.warehouse.expressions import equals


@dataclass(frozen=True)
class SyncStatus:
    """A sync at a glance: its state at one destination and its last run there.

    Attributes:
        delivered_records: records that the destination holds by this sync.
        rejects: reason → records waiting for a change or a next try.
        last_run: the last row of ops.sync_runs, column → value; None when it never ran.
    """

    sync: str
    destination: str
    model: str
    delivered_records: int
    rejects: dict[str, int]
    last_run: dict[str, Any] | None


def sync_status(settings: Settings, names: Sequence[str] = ()) -> list[SyncStatus]:
    """Each sync, at each destination that it ran to.

    Raises:
        UsageError: a name that is no sync, or a file with mistakes.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    chosen = chosen_syncs(definitions, names)
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        dialect = open_warehouse(settings).dialect
        if connection is None or tables.RUNS not in connection.tables(tables.SCHEMA):
            return [_never(sync) for sync in chosen]
        return [row for sync in chosen for row in _status(connection, dialect, sync)]


def _never(sync: Sync) -> SyncStatus:
    return SyncStatus(sync.name, sync.file.destination, sync.file.model, 0, {}, None)


def _status(connection: Connection, dialect: str, sync: Sync) -> list[SyncStatus]:
    def rows(table: str, *chosen: str, where: str | None = None) -> exp.Select:
        query = exp.select(*chosen).from_(tables.table(table))
        query = query.where(equals("sync", sync.name))
        return query.where(where) if where else query

    names = list(tables.TABLES[tables.RUNS])
    runs = connection.execute(rows(tables.RUNS, *names).order_by("started_at", "run_id").sql(dialect=dialect))
    last = {run["destination"]: run for run in (dict(zip(names, row, strict=True)) for row in runs)}
    held = rows(tables.RECORDS, "destination", "count(*)", where="status = 'delivered'").group_by(
        "destination"
    )
    delivered = dict(connection.execute(held.sql(dialect=dialect)))
    rejected = rows(tables.REJECTS, "destination", "reason", "count(*)").group_by("destination", "reason")
    rejects: dict[str, dict[str, int]] = {}
    for destination, reason, number in connection.execute(rejected.sql(dialect=dialect)):
        rejects.setdefault(destination, {})[reason] = int(number)
    return [
        SyncStatus(
            sync.name,
            where,
            sync.file.model,
            int(delivered.get(where, 0)),
            rejects.get(where, {}),
            last[where],
        )
        for where in sorted(last)
    ] or [_never(sync)]
