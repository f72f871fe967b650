"""The journal into the warehouse: one short transaction, harmless when it is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.state.entries import RunRow
from reverse_etl.state.journal import Journal
from reverse_etl.state.shape import moment, record_batch, schema_of
from reverse_etl.state.writing import put_rows, take_rows
from reverse_etl.warehouse import Connection, Warehouse, in_large
from reverse_etl.warehouse.expressions import column, equals, named, text

MAX_ATTEMPTS = 5  # then a rejected record is parked until its row changes
FIRST_RETRY = timedelta(hours=1)


def merge_runs(warehouse: Warehouse, journal: Journal, runs: list[RunRow]) -> None:
    """Bring each run's acknowledgements, rejects and counts into `ops`, then mark it merged in the journal.

    A kill between the two repeats the merge with the same rows.
    """
    for run in runs:
        learned, salt = in_large(warehouse, partial(_merged, journal, run))
        journal.merged(run.run_id, salt, learned)
        if journal.receipts.are_many(run.sync, run.destination):
            _thin_receipts(warehouse, journal, run)


def _merged(journal: Journal, run: RunRow, connection: Connection) -> tuple[int, str]:
    """Records that the warehouse did not know, and the key of its digests."""
    tables.ensure_tables(connection, connection.dialect, journal.salt())
    learned = _Merge(connection, connection.dialect, journal, run).all()
    return learned, tables.read_salt(connection, connection.dialect)


def merge_so_far(warehouse: Warehouse, journal: Journal, run_id: str) -> None:
    """The same for a run under way, which is merged as a whole at its end."""
    run = journal.run(run_id)
    assert run is not None
    in_large(
        warehouse,
        lambda connection: _Merge(connection, warehouse.dialect, journal, run, under_way=True).all(),
    )


def _thin_receipts(warehouse: Warehouse, journal: Journal, run: RunRow) -> None:
    """What the warehouse holds now, in place of all that led to it."""
    names = [column(name) for name in tables.TABLES[tables.RECORDS]]
    order = [column(name) for name in ("run_id", "acknowledged_at", "status", "record_key")]
    query = exp.select(*names).from_(tables.table(tables.RECORDS)).order_by(*order)
    query = query.where(equals("sync", run.sync)).where(equals("destination", run.destination))
    with warehouse.connect() as connection:
        rows = connection.stream(query.sql(dialect=warehouse.dialect))
        journal.receipts.replace(run.sync, run.destination, rows)


class _Merge:
    def __init__(
        self,
        connection: Connection,
        dialect: str,
        journal: Journal,
        run: RunRow,
        *,
        under_way: bool = False,
    ) -> None:
        self.connection, self.dialect, self.journal, self.run = connection, dialect, journal, run
        self._cut_short = "running" if under_way else "interrupted"
        self._within = {"sync": run.sync, "destination": run.destination}

    def all(self) -> int:
        """Merge; records that the warehouse did not know."""
        self.connection.pass_on()
        learned = self._take_acks()
        attempts = self._attempts()
        if attempts:
            self._forget_rejects()
        rejects = [self._reject(row, attempts) for row in self.journal.rejects(self.run.run_id)]
        if rejects:
            shape = schema_of(tables.REJECTS)
            batch = pa.RecordBatch.from_pylist(rejects, schema=shape)
            self._replace(tables.REJECTS, pa.RecordBatchReader.from_batches(shape, [batch]))
        self._run_row()
        # A merge that is repeated finds its own rows: no more is learned than the journal does not count yet.
        there = self._count(self._mine(exp.select(exp.Count(this=exp.Star())), tables.RECORDS))
        counted = self.journal.receipts.count(self.run.sync, self.run.destination)
        return max(0, min(learned, there - counted))

    def _take_acks(self) -> int:
        delivered = self._records()
        first = next(delivered, None)
        if first is None:
            return 0

        def rows() -> Iterator[pa.RecordBatch]:
            yield first
            yield from delivered

        reader = pa.RecordBatchReader.from_batches(first.schema, rows())
        if not self._count(self._mine(exp.select(exp.Count(this=exp.Star())), tables.RECORDS)):
            # The first delivery, which is the large one, needs no comparison.
            return self.connection.ingest(tables.SCHEMA, tables.RECORDS, reader, append=True)
        return self._replace(tables.RECORDS, reader)

    def _records(self) -> Iterator[pa.RecordBatch]:
        run = self.run
        names = ("sync", "destination", "mapping", "digest_version", "run_id")
        same = {name: getattr(run, name) for name in names}
        for operation, said in self.journal.batches(run.run_id):
            yield record_batch(operation, said, same)

    def _replace(self, target: str, reader: pa.RecordBatchReader) -> int:
        """Put rows in place of those of the same records; how many records only they, or this run, told."""
        incoming = f"{target}_incoming"
        size = self.connection.stage(incoming, reader)
        keys = exp.select(column("record_key")).from_(exp.to_table(incoming)).subquery()
        known = self._mine(exp.select(exp.Count(this=exp.Star())), target).where(
            exp.In(this=column("record_key"), query=keys.copy()),
            exp.NEQ(this=column("run_id"), expression=text(self.run.run_id)),
        )
        learned = size - self._count(known)
        names = list(tables.TABLES[target])
        rows = exp.select(*map(column, names)).from_(exp.to_table(incoming))
        self._put(target, rows, "record_key", self._within)
        self.connection.drop(incoming)
        return learned

    def _count(self, query: exp.Select) -> int:
        return int(self.connection.execute(query.sql(dialect=self.dialect))[0][0])

    def _mine(self, query: exp.Select, name: str) -> exp.Select:
        """The query over the sync's rows of the table."""
        mine = query.from_(tables.table(name)).where(equals("sync", self.run.sync))
        return mine.where(equals("destination", self.run.destination))

    def _forget_rejects(self) -> None:
        """What was delivered is rejected no longer."""
        taken = self._mine(exp.select(column("record_key")), tables.RECORDS)
        taken = taken.where(equals("run_id", self.run.run_id))
        take_rows(
            self.connection,
            self.dialect,
            tables.table(tables.REJECTS),
            taken,
            key="record_key",
            within=self._within,
        )

    def _attempts(self) -> dict[str, tuple[str, int]]:
        """Key → digest and attempts of what was rejected before this run."""
        names = ("record_key", "digest", "attempts", "run_id")
        query = self._mine(exp.select(*map(column, names)), tables.REJECTS)
        rows = self.connection.execute(query.sql(dialect=self.dialect))
        return {str(key): (str(digest), int(n)) for key, digest, n, run in rows if run != self.run.run_id}

    def _reject(self, row: dict[str, Any], before: dict[str, tuple[str, int]]) -> dict[str, Any]:
        digest, attempts = before.get(row["record_key"], ("", 0))
        # A changed row starts anew.
        attempts = attempts + 1 if digest == (row["digest"] or "") else 1
        rejected_at = moment(row["rejected_at"])
        assert rejected_at is not None
        return {
            "sync": self.run.sync,
            "destination": self.run.destination,
            "record_key": row["record_key"],
            "run_id": self.run.run_id,
            "operation": row["operation"],
            "class": row["class"],
            "reason": row["reason"],
            "attempts": attempts,
            "next_retry_at": _next_try(row["class"], attempts, rejected_at),
            "digest": row["digest"] or "",
            "rejected_at": rejected_at,
        }

    def _run_row(self) -> None:
        run, (delivered, rejected) = self.run, self.journal.counts(self.run.run_id)
        names = tables.TABLES[tables.RUNS]
        shared = {name: getattr(run, name) for name in names if hasattr(run, name)}
        row = {
            **shared,
            "status": self._cut_short if run.status == "running" else run.status,
            "started_at": moment(run.started_at),
            "finished_at": moment(run.finished_at),
            "delivered": delivered,
            "rejected": rejected,
            "deferred": run.planned - delivered - rejected,
        }
        values = [named(exp.cast(_literal(row[name]), kind), name) for name, kind in names.items()]
        self._put(tables.RUNS, exp.select(*values), "run_id", {})

    def _put(self, target: str, rows: exp.Select, key: str, within: dict[str, str]) -> None:
        columns = list(tables.TABLES[target])
        where = tables.table(target)
        put_rows(self.connection, self.dialect, where, rows, columns=columns, key=key, within=within)


def _next_try(class_: str, attempts: int, rejected_at: datetime) -> datetime | None:
    """When it is tried again; None until the row changes, or a person asks for it."""
    if class_ == "retriable":
        return rejected_at  # the destination failed, and not the record
    if class_ != "record" or attempts >= MAX_ATTEMPTS:
        return None
    return rejected_at + FIRST_RETRY * (1 << (attempts - 1))


def _literal(value: Any) -> exp.Expr:
    if value is None:
        return exp.Null()
    if isinstance(value, datetime):
        return exp.Literal.string(value.isoformat(sep=" "))
    return exp.Literal.number(value) if isinstance(value, int) else exp.Literal.string(str(value))
