"""Records that a destination refused: which, why, and again at once when a person says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from reverse_etl.config import load_definitions
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import open_warehouse


@dataclass(frozen=True)
class Reject:
    """A row of `ops.sync_rejects`, without any value of the record.

    Attributes:
        kind: record (the destination refused it) or retriable (it never answered).
        next_retry_at: UTC; None when it is parked until its row changes or `kith sync retry`.
    """

    sync: str
    destination: str
    record_key: str
    operation: str
    kind: str
    reason: str
    attempts: int
    next_retry_at: datetime | None

    @property
    def parked(self) -> bool:
        """True when no run tries it again by itself."""
        return self.next_retry_at is None


def list_rejects(settings: Settings, name: str) -> list[Reject]:
    """What is refused of a sync, by destination and key.

    Raises:
        UsageError: there is no such sync, or its file has mistakes.
    """
    load_definitions(settings).sync(name, settings)
    names = ("sync", "destination", "record_key", "operation", "class", "reason", "attempts", "next_retry_at")
    columns = [exp.column(column, quoted=True) for column in names]
    query = exp.select(*columns).from_(tables.table(tables.REJECTS)).where(_of(name))
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        if tables.REJECTS not in connection.tables(tables.SCHEMA):
            return []
        rows = connection.execute(query.order_by("destination", "record_key").sql(dialect=warehouse.dialect))
    return [Reject(*row) for row in rows]


def release_rejects(settings: Settings, name: str) -> int:
    """Let every refused record of a sync, parked ones too, go with its next run; how many.

    One that is refused again after its last attempt is parked again.

    Raises:
        UsageError: there is no such sync, or its file has mistakes.
    """
    number = len(list_rejects(settings, name))
    if not number:
        return 0
    moment = exp.Literal.string(settings.now.replace(tzinfo=None).isoformat(sep=" "))
    due = exp.update(
        tables.table(tables.REJECTS), {"next_retry_at": exp.cast(moment, "timestamp")}, where=_of(name)
    )
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        connection.execute(due.sql(dialect=warehouse.dialect))
    return number


def _of(name: str) -> exp.Expr:
    return exp.EQ(this=exp.column("sync", quoted=True), expression=exp.Literal.string(name))
