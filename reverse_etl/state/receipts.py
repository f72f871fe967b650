"""The journal's receipts: the batches that the warehouse has heard of; of a record, the last one counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from reverse_etl.state.entries import SCHEMA, pack, unpacked
from reverse_etl.state.shape import CLEARED, OPERATION, record_batch

_OF_SYNC = "run_id in (select run_id from runs where sync = ? and destination = ? and merged = 1)"
# Overtaken receipts are kept until they are as many as these and those that count together.
SPARE = 10_000


class Receipts:
    """Part of an open journal."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def count(self, sync: str, destination: str) -> int:
        """Records of the sync that were ever acknowledged there."""
        query = "select coalesce(sum(learned), 0) from runs where sync = ? and destination = ? and merged = 1"
        (number,) = self._db.execute(query, [sync, destination]).fetchone()
        return int(number)

    def all(self, sync: str, destination: str) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Acknowledgements as rows of ops.sync_records, with a number that grows from the first on."""
        runs = self._db.execute(
            "select run_id, mapping, digest_version from runs "
            "where sync = ? and destination = ? and merged = 1 order by rowid",
            [sync, destination],
        ).fetchall()
        batches = ((run, *batch) for run in runs for batch in batches_of(self._db, run[0]))
        for number, ((run_id, mapping, version), operation, moment, entries) in enumerate(batches):
            same = {"run_id": run_id, "mapping": mapping, "digest_version": version}
            same |= {"sync": sync, "destination": destination}
            yield number, record_batch(operation, [(moment, unpacked(entries))], same)

    def are_many(self, sync: str, destination: str) -> bool:
        """True when most of them were overtaken by later ones."""
        query = f"select coalesce(sum(records), 0) from batches where {_OF_SYNC}"
        (number,) = self._db.execute(query, [sync, destination]).fetchone()
        return int(number) > 2 * self.count(sync, destination) + SPARE

    def replace(self, sync: str, destination: str, rows: Iterable[pa.RecordBatch]) -> None:
        """Keep these rows of ops.sync_records in place of all.

        Args:
            rows: in the order of run_id, acknowledged_at, status.
        """
        known = {str(run_id) for (run_id,) in self._db.execute("select run_id from runs where merged = 1")}
        learned: dict[str, int] = {}
        with self._db:
            self.forget_within(sync, destination)
            for batch in rows:
                for (run_id, when, status), part in _parts(batch):
                    if run_id not in known:
                        continue  # another machine's
                    learned[run_id] = learned.get(run_id, 0) + part.num_rows
                    self._db.execute(
                        "insert into batches (run_id, operation, records, acknowledged_at, entries) "
                        "values (?, ?, ?, ?, ?)",
                        [run_id, OPERATION.get(status, CLEARED), part.num_rows, when, pack(part)],
                    )
            update = "update runs set learned = ? where run_id = ?"
            self._db.executemany(update, [(number, run_id) for run_id, number in learned.items()])

    def forget(self, sync: str, destination: str) -> None:
        """A person decided that what was lost is sent anew: the loss is not told again."""
        with self._db:
            self.forget_within(sync, destination)

    def forget_within(self, sync: str, destination: str) -> None:
        """The same, in a transaction that is open."""
        self._db.execute(f"delete from batches where {_OF_SYNC}", [sync, destination])
        update = "update runs set learned = 0 where sync = ? and destination = ? and merged = 1"
        self._db.execute(update, [sync, destination])

    def destinations_of(self, sync: str) -> list[str]:
        """Where the sync has receipts."""
        query = "select distinct destination from runs where sync = ? and learned > 0 order by 1"
        return [str(name) for (name,) in self._db.execute(query, [sync])]


def batches_of(connection: sqlite3.Connection, run_id: str) -> Iterator[tuple[str, str, bytes]]:
    """A run's batches in their order: operation, when, and the entries packed."""
    # Looked up one by one: to sort them, SQLite would hold the entries of all.
    query = (
        "select operation, acknowledged_at, entries from batches "
        "where id in (select id from batches where run_id = ?) order by id"
    )
    return iter(connection.execute(query, [run_id]))


def _parts(batch: pa.RecordBatch) -> Iterator[tuple[tuple[Any, Any, Any], pa.RecordBatch]]:
    """The runs of rows with the same run, moment and status."""
    moments: list[Any] = batch.column("acknowledged_at").to_pylist()
    texts = [None if moment is None else f"{moment.isoformat()}+00:00" for moment in moments]
    columns = (batch.column("run_id").to_pylist(), texts, batch.column("status").to_pylist())
    kept, start = batch.select(SCHEMA.names), 0
    for key, group in groupby(zip(*columns, strict=True)):
        size = sum(1 for _ in group)
        yield key, kept.slice(start, size)
        start += size
