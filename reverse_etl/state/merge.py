"""The journal into the warehouse: one short transaction, harmless when it is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.state.entries import RunRow
from reverse_etl.state.journal import Journal
from reverse_etl.state.shape import Columns, moment, record_batch, schema_of
from reverse_etl.warehouse import Connection, Warehouse
from reverse_etl.warehouse.expressions import column, equals

MAX_ATTEMPTS = 5  # then a rejected record is parked until its row changes
FIRST_RETRY = timedelta(hours=1)


def merge_runs(warehouse: Warehouse, journal: Journal, runs: list[RunRow]) -> None:
    """Bring each run's acknowledgements, rejects and counts into `ops`, then mark it merged in the journal.

    A kill between the two repeats the merge with the same rows.
    """
    for run in runs:
        with warehouse.connect() as connection:
            tables.ensure_tables(connection, warehouse.dialect, journal.salt())
            _Merge(connection, warehouse.dialect, journal, run).all()
            salt = tables.read_salt(connection, warehouse.dialect)
        journal.merged(run.run_id, salt)


class _Merge:
    def __init__(self, connection: Connection, dialect: str, journal: Journal, run: RunRow) -> None:
        self.connection, self.dialect, self.journal, self.run = connection, dialect, journal, run

    def all(self) -> None:
        self._take("acks", tables.RECORDS, self._records)
        self._forget_rejects()
        attempts = self._attempts()
        self._take("rejects", tables.REJECTS, lambda rejects: self._rejects(rejects, attempts))
        self._run_row()

    def _take(self, source: str, target: str, shape: Callable[[Columns], pa.RecordBatch]) -> None:
        """Replace the target's rows of the same records by the journal's."""
        incoming = f"{target}_incoming"
        batches = map(shape, self.journal.columns(source, self.run.run_id))
        reader = pa.RecordBatchReader.from_batches(schema_of(target), batches)
        self.connection.ingest(tables.SCHEMA, incoming, reader, append=False)
        names = [column(name) for name in tables.TABLES[target]]
        keys = exp.select(column("record_key")).from_(tables.table(incoming))
        self._delete(target, exp.In(this=column("record_key"), query=keys.subquery()))
        rows = exp.select(*names).from_(tables.table(incoming))
        self._execute(exp.insert(rows, tables.table(target), columns=list(tables.TABLES[target])))
        self.connection.execute(f"drop table {tables.table(incoming).sql(dialect=self.dialect)}")

    def _forget_rejects(self) -> None:
        """What was delivered is rejected no longer."""
        taken = (
            exp.select(column("record_key"))
            .from_(tables.table(tables.RECORDS))
            .where(equals("sync", self.run.sync))
            .where(equals("destination", self.run.destination))
            .where(equals("run_id", self.run.run_id))
        )
        self._delete(tables.REJECTS, exp.In(this=column("record_key"), query=taken.subquery()))

    def _attempts(self) -> dict[str, tuple[str, int]]:
        """Key → digest and attempts of what was rejected before this run."""
        names = ("record_key", "digest", "attempts", "run_id")
        query = (
            exp.select(*map(column, names))
            .from_(tables.table(tables.REJECTS))
            .where(equals("sync", self.run.sync))
            .where(equals("destination", self.run.destination))
        )
        rows = self.connection.execute(query.sql(dialect=self.dialect))
        return {str(key): (str(digest), int(n)) for key, digest, n, run in rows if run != self.run.run_id}

    def _records(self, acks: Columns) -> pa.RecordBatch:
        run = self.run
        same = {name: getattr(run, name) for name in ("sync", "destination", "mapping", "digest_version")}
        return record_batch(acks, {**same, "run_id": run.run_id})

    def _rejects(self, rejects: Columns, before: dict[str, tuple[str, int]]) -> pa.RecordBatch:
        rows = [dict(zip(rejects, row, strict=True)) for row in zip(*rejects.values(), strict=True)]
        return pa.RecordBatch.from_pylist(
            [self._reject(row, before) for row in rows], schema=schema_of(tables.REJECTS)
        )

    def _reject(self, row: dict[str, Any], before: dict[str, tuple[str, int]]) -> dict[str, Any]:
        digest, attempts = before.get(row["record_key"], ("", 0))
        # A changed row starts anew.
        attempts = attempts + 1 if digest == (row["digest"] or "") else 1
        rejected_at = moment(row["rejected_at"])
        assert rejected_at is not None
        again = rejected_at + FIRST_RETRY * 2 ** (attempts - 1) if attempts < MAX_ATTEMPTS else None
        return {
            "sync": self.run.sync,
            "destination": self.run.destination,
            "record_key": row["record_key"],
            "run_id": self.run.run_id,
            "operation": row["operation"],
            "class": row["class"],
            "reason": row["reason"],
            "attempts": attempts,
            # What the destination failed at, and not the record, may be tried at once.
            "next_retry_at": rejected_at if row["class"] == "retriable" else again,
            "digest": row["digest"] or "",
            "rejected_at": rejected_at,
        }

    def _run_row(self) -> None:
        run, (delivered, rejected) = self.run, self.journal.counts(self.run.run_id)
        names = tables.TABLES[tables.RUNS]
        shared = {name: getattr(run, name) for name in names if hasattr(run, name)}
        row = {
            **shared,
            "status": "interrupted" if run.status == "running" else run.status,
            "started_at": moment(run.started_at),
            "finished_at": moment(run.finished_at),
            "delivered": delivered,
            "rejected": rejected,
            "deferred": run.planned - delivered - rejected,
        }
        self._execute(exp.delete(tables.table(tables.RUNS)).where(equals("run_id", run.run_id)))
        values = exp.select(*[exp.cast(_literal(row[name]), kind) for name, kind in names.items()])
        self._execute(exp.insert(values, tables.table(tables.RUNS), columns=list(names)))

    def _delete(self, target: str, condition: exp.Expr) -> None:
        query = (
            exp.delete(tables.table(target))
            .where(equals("sync", self.run.sync))
            .where(equals("destination", self.run.destination))
            .where(condition)
        )
        self._execute(query)

    def _execute(self, query: exp.Expr) -> None:
        self.connection.execute(query.sql(dialect=self.dialect))


def _literal(value: Any) -> exp.Expr:
    if value is None:
        return exp.Null()
    if isinstance(value, datetime):
        return exp.Literal.string(value.isoformat(sep=" "))
    return exp.Literal.number(value) if isinstance(value, int) else exp.Literal.string(str(value))
