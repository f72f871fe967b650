"""The frozen rows of a plan, as records in batches or as a file's content."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reverse_etl.destinations import Record
from reverse_etl.destinations.base import NOTHING, Operation
from reverse_etl.destinations.payload import Payload
from reverse_etl.engine.held import Held
from reverse_etl.planner import store
from reverse_etl.settings import Settings
from reverse_etl.state.entries import ABSORBED, DIGESTS

SENT = ("record_key", "operation", "destination_id", "payload", *DIGESTS)
MERGED = ("replaces", "former")
GOING_IN = ("record_key", "operation", "destination_id", "survivor")
REMEMBERED = ("fingerprints", "prior_fields", "retaken")
NOBODY: frozenset[str] = frozenset()
_key = itemgetter("record_key")


def _alone(rows: pa.RecordBatch) -> pa.RecordBatch:
    """A copy: the columns of a batch of a file keep all of it in memory, until its last record is told."""
    return rows.take(np.arange(rows.num_rows))


class PlanRows:
    """The plan's frozen rows, but for those that are not to be sent.

    Args:
        absorbs: True when there may be rows of operation `merge`, which go with those that take them in.
    """

    def __init__(
        self,
        settings: Settings,
        plan_id: str,
        without: Collection[str],
        held: Held,
        *,
        absorbs: bool = False,
    ) -> None:
        self._settings, self._plan_id, self._without, self._held = settings, plan_id, without, held
        self._absorbs = absorbs

    @cached_property
    def _absorbed(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """Record → the rows that go into it, by key."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        columns = (*GOING_IN, *(REMEMBERED if self._held else ()))
        for batch in store.read_rows(self._settings, self._plan_id, columns) if self._absorbs else ():
            merges = batch.filter(pc.equal(batch.column("operation"), ABSORBED))
            for row in merges.to_pylist():
                found.setdefault(row["survivor"], []).append(row)
        return {survivor: sorted(rows, key=_key) for survivor, rows in found.items()}

    def batches(self, operations: Collection[str], size: int) -> Iterator[list[Record]]:
        """As records, in the plan's order, so many at a time and of one operation each."""
        left: list[Record] = []
        for group in self._groups(operations):
            if left and left[0].operation != group[0].operation:
                yield left
                left = []
            left += group
            whole = len(left) - len(left) % size
            yield from (left[start : start + size] for start in range(0, whole, size))
            left = left[whole:]
        if left:
            yield left

    def _groups(self, operations: Collection[str]) -> Iterator[list[Record]]:
        """Some records of one operation each."""
        columns = (*SENT, *MERGED, *(REMEMBERED if self._held else ()))
        for batch in store.read_rows(self._settings, self._plan_id, columns):
            start = 0
            runs = pc.run_end_encode(batch.column("operation"))
            for operation, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                if operation in operations:
                    records = self._records(operation, batch.slice(start, end - start))
                    if self._without:
                        records = [record for record in records if record.key not in self._without]
                    if records:
                        yield records
                start = end

    def _records(self, operation: Operation, batch: pa.RecordBatch) -> list[Record]:
        # By column, and digests not at all: what is done for each of a million records is the time it takes.
        columns = [batch.column(name).to_pylist() for name in ("record_key", "destination_id", "payload")]
        rows = _alone(batch.select(DIGESTS))
        records = [
            Record(key, operation, known, Payload(payload) if payload else NOTHING, (rows, number))
            for number, (key, known, payload) in enumerate(zip(*columns, strict=True))
        ]
        if any(batch.column(name).null_count < len(batch) for name in MERGED):
            pairs = [batch.column(name).to_pylist() for name in MERGED]
            for record, replaces, former in zip(records, *pairs, strict=True):
                record.replaces, record.former = replaces, frozenset(former.split(",")) if former else NOBODY
        if self._held:
            for record, known in zip(records, batch.select(REMEMBERED).to_pylist(), strict=True):
                record.held = self._held.read({**known, "record_key": record.key})
        for record in records if self._absorbed else ():
            self._take_in(record)
        if self._held.interrupted:
            for record in records:
                record.attempted = self._held.attempted(record.key)
        return records

    def _take_in(self, record: Record) -> None:
        """What goes into the record, and is ours in it from then on."""
        rows = self._absorbed.get(record.key, ())
        record.absorbs = [(row["record_key"], row["destination_id"]) for row in rows]
        for row in rows if self._held else ():
            for name, marks in self._held.read(row).items():
                record.held = {**record.held, name: record.held.get(name, NOBODY) | marks}

    def content(self, names: Sequence[str], withheld: Collection[str]) -> Iterator[pa.RecordBatch]:
        """What a snapshot holds: the rows to write and to keep, with the fields' own types and names.

        It is written whole: what a run that was cut short delivered is in it again.

        Args:
            withheld: keys that are not to be in it.
        """
        for batch in store.read_rows(self._settings, self._plan_id):
            keys, operations = batch.column("record_key").to_pylist(), batch.column("operation").to_pylist()
            kept = [
                operation in ("upsert", "keep") and key not in withheld
                for key, operation in zip(keys, operations, strict=True)
            ]
            values = [batch.column(f"value_{number}") for number in range(len(names))]
            yield pa.RecordBatch.from_arrays(values, names=list(names)).filter(pa.array(kept, pa.bool_()))
