"""The frozen rows of a plan, as records in batches or as a file's content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from reverse_etl.destinations import Record
from reverse_etl.destinations.payload import Payload
from reverse_etl.engine.held import Held
from reverse_etl.planner import store
from reverse_etl.settings import Settings

SENT = ("record_key", "operation", "destination_id", "payload", "digest", "field_digests")
MERGED = ("replaces", "former")
REMEMBERED = ("fingerprints", "prior_fields", "retaken")
NOTHING: Mapping[str, Any] = {}
NOBODY: frozenset[str] = frozenset()


class PlanRows:
    """The plan's frozen rows, but for those that are not to be sent."""

    def __init__(self, settings: Settings, plan_id: str, without: set[str], held: Held) -> None:
        self._settings, self._plan_id, self._without, self._held = settings, plan_id, without, held

    def records(self, operations: set[str]) -> Iterator[Record]:
        """As records, in the plan's order."""
        held = self._held
        for batch in store.read_rows(
            self._settings, self._plan_id, (*SENT, *MERGED, *(REMEMBERED if held else ()))
        ):
            remembered = batch.select(REMEMBERED).to_pylist() if held else [NOTHING] * len(batch)
            # By column: a dictionary for each of a million rows would be half the work of sending them.
            columns = [batch.column(name).to_pylist() for name in (*SENT, *MERGED)]
            for *row, known in zip(*columns, remembered, strict=True):
                key, operation, destination_id, payload, digest, field_digests, replaces, former = row
                if operation in operations and key not in self._without:
                    yield Record(
                        key=key,
                        operation=operation,
                        destination_id=destination_id,
                        payload=Payload(payload) if payload else NOTHING,
                        digest=digest or "",
                        field_digests=field_digests or "",
                        held=held.read({**known, "record_key": key}) if held else NOTHING,
                        replaces=replaces,
                        former=frozenset(former.split(",")) if former else NOBODY,
                        attempted=held.attempted(key),
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
