"""ops.gate_results: every verdict, so that the next one knows the last good run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from reverse_etl.gate.report import GateReport, GateSpec
from reverse_etl.warehouse import Connection

TABLE = "ops.gate_results"
COLUMNS = {
    "model": "text",
    "checked_at": "timestamp",
    "passed": "boolean",
    "rows_count": "bigint",
    "measured": "text",
    "failed": "text",
    "spec_digest": "text",
}


@dataclass(frozen=True)
class LastGood:
    """The last verdict that let a sync pass."""

    rows: int
    measured: dict[str, int]
    spec_digest: str


def ensure_table(connection: Connection) -> None:
    """Make the table when it is absent."""
    schema, table = TABLE.split(".")
    connection.make_table(schema, table, COLUMNS)


def last_good(connection: Connection, model: str, dialect: str) -> LastGood | None:
    """The last good verdict on a model; None before the first."""
    schema, table = TABLE.split(".")
    if connection.columns(schema, table) is None:
        return None
    rows = connection.execute(
        f"select rows_count, measured, spec_digest from {TABLE} "
        f"where passed and model = {_text(model, dialect)} order by checked_at desc, measured limit 1"
    )
    if not rows:
        return None
    count, measured, digest = rows[0]
    return LastGood(int(count), json.loads(measured), str(digest))


@dataclass(frozen=True)
class Verdict:
    """One verdict; what failed by its names."""

    passed: bool
    rows: int
    failed: str
    checked_at: datetime


def last_verdict(connection: Connection, model: str) -> Verdict | None:
    """The last verdict on a model, of several at one moment a good one; None before the first."""
    rows = connection.execute(
        f"select passed, rows_count, failed, checked_at from {TABLE} "
        f"where model = {_text(model, connection.dialect)} order by checked_at desc, passed desc limit 1"
    )
    return Verdict(*rows[0]) if rows else None


def record(
    connection: Connection,
    spec: GateSpec,
    report: GateReport,
    measured: dict[str, int],
    now: datetime,
    *,
    dialect: str,
) -> None:
    """Append one verdict."""
    failed = ", ".join(failure.name for failure in report.failures)
    values = ", ".join(
        (
            _text(report.model, dialect),
            f"timestamp '{now:%Y-%m-%d %H:%M:%S.%f}'",
            str(report.passed).lower(),
            str(report.rows),
            _text(json.dumps(measured), dialect),
            _text(failed, dialect),
            _text(spec.digest(), dialect),
        )
    )
    connection.execute(f"insert into {TABLE} values ({values})")


def _text(value: str, dialect: str) -> str:
    return exp.Literal.string(value).sql(dialect=dialect)
