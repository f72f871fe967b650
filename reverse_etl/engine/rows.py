"""The frozen rows of a plan, as records in batches or as a file's content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from reverse_etl.destinations import Record
from reverse_etl.engine.held import Held
from reverse_etl.planner import store
from reverse_etl.settings import Settings


class PlanRows:
    """The plan's frozen rows, but for those that are not to be sent."""

    def __init__(self, settings: Settings, plan_id: str, without: set[str], held: Held) -> None:
        self._settings, self._plan_id, self._without, self._held = settings, plan_id, without, held

    def records(self, operations: set[str]) -> Iterator[Record]:
        """As records, in the plan's order."""
        names = ["record_key", "operation", "destination_id", "digest", "field_digests", "payload"]
        names += ["fingerprints", "prior_fields", "retaken"] if self._held else []
        for batch in store.read_rows(self._settings, self._plan_id, names):
            for row in batch.to_pylist():
                if row["operation"] in operations and row["record_key"] not in self._without:
                    yield Record(
                        key=row["record_key"],
                        operation=row["operation"],
                        destination_id=row["destination_id"],
                        payload=json.loads(row["payload"]) if row["payload"] else {},
                        digest=row["digest"] or "",
                        field_digests=row["field_digests"] or "",
                        held=self._held.read(row) if self._held else {},
                        attempted=self._held.attempted(row["record_key"]),
                    )

    def content(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """What a snapshot holds: the rows to write and to keep, with the fields' own types and names."""
        for batch in store.read_rows(self._settings, self._plan_id):
            keys, operations = batch.column("record_key").to_pylist(), batch.column("operation").to_pylist()
            kept = [
                operation in ("upsert", "keep") and key not in self._without
                for key, operation in zip(keys, operations, strict=True)
            ]
            values = [batch.column(f"value_{number}") for number in range(len(names))]
            yield pa.RecordBatch.from_arrays(values, names=list(names)).filter(pa.array(kept, pa.bool_()))


def batched(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    """Of one operation each: a batch ends where the operation changes."""
    batch: list[Record] = []
    for record in records:
        if batch and (len(batch) == size or batch[0].operation != record.operation):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch
