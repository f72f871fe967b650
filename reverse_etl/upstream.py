"""Builds of the activation models, in `ops.model_builds`: whoever builds says when, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.writing import put_rows
from reverse_etl.warehouse import Connection, open_warehouse
from reverse_etl.warehouse.expressions import column, equals, named, text

TABLE = "model_builds"
COLUMNS = {"model": "text", "good_at": "timestamp", "failed_at": "timestamp", "reason": "text"}


@dataclass(frozen=True)
class Built:
    """A model's last builds. Times are UTC without a zone.

    Attributes:
        good_at: when it was last built well; None when it never was.
        failed_at: when its last build failed; None when it did not.
        reason: what failed then.
    """

    model: str
    good_at: datetime | None
    failed_at: datetime | None = None
    reason: str | None = None


def record_builds(
    settings: Settings, outcomes: Sequence[tuple[str, str | None]], at: datetime | None = None
) -> None:
    """Keep what became of models.

    Args:
        outcomes: (model, why its build failed, or None).
        at: when they were built, aware; now by default.

    Raises:
        WarehouseError: the warehouse cannot be written.
    """
    warehouse, now = open_warehouse(settings), (at or settings.now).replace(tzinfo=None)
    if not outcomes:
        return
    with warehouse.connect() as connection:
        _ensure(connection)
        for model, reason in outcomes:
            before = read_built(connection, warehouse.dialect, model)
            good_at = before.good_at if reason and before else None if reason else now
            built = Built(model, good_at, now if reason else None, reason)
            put_rows(
                connection,
                warehouse.dialect,
                _table(),
                _row(built),
                columns=list(COLUMNS),
                key="model",
                within={},
            )


def read_built(connection: Connection, dialect: str, model: str) -> Built | None:
    """What is known of a model's builds; None where nobody said anything."""
    if connection.columns(tables.SCHEMA, TABLE) is None:
        return None
    query = exp.select(*map(column, COLUMNS)).from_(_table()).where(equals("model", model))
    rows = connection.execute(query.sql(dialect=dialect))
    return Built(*rows[0]) if rows else None


def _ensure(connection: Connection) -> None:
    connection.make_table(tables.SCHEMA, TABLE, COLUMNS)


def _row(built: Built) -> exp.Select:
    values = (built.model, built.good_at, built.failed_at, built.reason)
    literals = [
        named(exp.cast(exp.Null() if value is None else text(str(value)), kind), name)
        for value, (name, kind) in zip(values, COLUMNS.items(), strict=True)
    ]
    return exp.select(*literals)


def _table() -> exp.Table:
    return tables.table(TABLE)
