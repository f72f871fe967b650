"""What was refused, record by record."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TextIO

from sqlglot import exp

from reverse_etl.api.definitions import chosen_syncs, read_warehouse
from reverse_etl.api.status import SyncStatus, sync_status
from reverse_etl.config import load_definitions
from reverse_etl.config.problems import refuse
from reverse_etl.settings import Settings
from reverse_etl.spreadsheet import harmless
from reverse_etl.state import tables
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.expressions import column

COLUMNS = (
    *("sync", "destination", "record_key", "operation", "class", "reason"),
    *("attempts", "next_retry_at", "rejected_at", "run_id"),
)


@dataclass(frozen=True)
class Reject:
    """A record that a destination refused: its key, and nothing else of its row.

    Attributes:
        class_: record (the record must change), retriable (the destination failed at it), configuration (the
            sync or the account must be put right) or permanent (the destination takes it never).
        reason: a code, and the fields that it is about.
        next_retry_at: UTC; None when it is parked until its row changes, or a retry.
    """

    sync: str
    destination: str
    record_key: str
    operation: str
    class_: str
    reason: str
    attempts: int
    next_retry_at: datetime | None
    rejected_at: datetime
    run_id: str

    def row(self) -> dict[str, Any]:
        """Column of ops.sync_rejects → value."""
        return dict(zip(COLUMNS, asdict(self).values(), strict=True))


def sync_rejects(settings: Settings, names: Sequence[str] = ()) -> list[Reject]:
    """The rejects of these syncs, or of all, by sync, destination and key.

    Raises:
        UsageError: a name that is no sync, or a file with mistakes.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    chosen = [sync.name for sync in chosen_syncs(definitions, names)]
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        if connection is None or tables.REJECTS not in connection.tables(tables.SCHEMA):
            return []
        query = exp.select(*map(column, COLUMNS)).from_(tables.table(tables.REJECTS))
        among = exp.In(this=column("sync"), expressions=[exp.Literal.string(name) for name in chosen])
        ordered = query.where(among).order_by(*map(column, ("sync", "destination", "record_key")))
        found = connection.execute(ordered.sql(dialect=open_warehouse(settings).dialect))
        return [Reject(*row) for row in found]


def stopped_syncs(settings: Settings, names: Sequence[str] = ()) -> list[SyncStatus]:
    """Those of these syncs, or of all, whose last run was stopped until a person acts.

    Raises:
        UsageError: as for `sync_rejects`.
    """
    rows = sync_status(settings, names)
    return [row for row in rows if row.last_run and row.last_run["failure"] == "configuration"]


def write_csv(rejects: Iterable[Reject], file: TextIO) -> None:
    """As a spreadsheet may open it: a cell that it would run as a formula stands behind an apostrophe."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for reject in rejects:
        writer.writerow(_cell(value) for value in reject.row().values())


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return harmless(value) if isinstance(value, str) else value
