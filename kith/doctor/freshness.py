"""When each source was last loaded, as the last build saw it, by the one clock."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kith.sources import read_sources
from reverse_etl.api.definitions import read_warehouse
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection


@dataclass(frozen=True)
class Freshness:
    """One raw table that should move daily.

    Attributes:
        loaded_at: UTC without zone, as the loader says; None when no row says it.
        late_after: how old that may be.
    """

    source: str
    table: str
    loaded_at: datetime | None
    late_after: timedelta
    is_late: bool


def measure_freshness(settings: Settings, overrides: Mapping[str, Any] | None = None) -> list[Freshness]:
    """The tables of the enabled sources that say when they are late, and were built.

    Raises:
        WarehouseError: the warehouse is held or out of reach.
    """
    watched = [
        (source.name, table.name, table.late_after)
        for source in read_sources(settings, overrides)
        if source.enabled
        for table in source.tables
        if table.late_after is not None
    ]
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        if connection is None:
            return []
        return [
            _measure(connection, settings.now.replace(tzinfo=None), source, table, late_after)
            for source, table, late_after in watched
            if connection.columns("staging", f"base_{source}__{table}") is not None
        ]


def _measure(
    connection: Connection, now: datetime, source: str, table: str, late_after: timedelta
) -> Freshness:
    # Names of sources and tables are plain words: they are identifiers of dbt.
    relation = f"staging.base_{source}__{table}"
    ((loaded_at,),) = connection.execute(f"select max(loaded_at) from {relation}")
    is_late = loaded_at is not None and now - loaded_at > late_after
    return Freshness(source, table, loaded_at, late_after, is_late)
