"""A few records of a plan, for people to look at before it is sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from reverse_etl.planner import store
from reverse_etl.planner.render import FIELD_DIGEST
from reverse_etl.settings import Settings

OF_EACH = 3
STATUSES = ("new", "changed", "removed")


@dataclass(frozen=True)
class Sample:
    """A record of a plan.

    Attributes:
        status: new, changed or removed.
        key: None where keys are personal data and nobody asked for values.
        fields: of a changed one, those that differ; empty where what was sent before is not comparable.
        values: field → what would be sent, empty of a removed one; None when nobody asked.
    """

    status: str
    key: str | None
    fields: list[str] = field(default_factory=list)
    values: dict[str, str] | None = None


class Samples:
    """Takes the first OF_EACH records of each status from the batches of a plan.

    Args:
        fields: the mapping's, in order.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self.taken: list[Sample] = []
        self._fields = fields
        self._left = Counter(dict.fromkeys(STATUSES, OF_EACH))

    def look(self, batch: pa.RecordBatch) -> None:
        """Take what is still wanted of a batch."""
        names = ["record_key", "prior_fields", "field_digests"]
        for status in [name for name, left in self._left.items() if left]:
            rows = batch.filter(pc.equal(batch.column("status"), status)).select(names)
            for row in rows.slice(0, self._left[status]).to_pylist():
                fields = self._differing(row) if status == "changed" else []
                self.taken.append(Sample(status, row["record_key"], fields))
                self._left[status] -= 1

    def _differing(self, row: Mapping[str, str | None]) -> list[str]:
        before, after = row["prior_fields"] or "", row["field_digests"] or ""
        if len(before) != len(after):
            return []
        starts = range(0, len(after), FIELD_DIGEST)
        return [
            name
            for name, start in zip(self._fields, starts, strict=True)
            if before[start : start + FIELD_DIGEST] != after[start : start + FIELD_DIGEST]
        ]


def with_values(settings: Settings, plan_id: str, samples: Sequence[Sample]) -> list[Sample]:
    """The samples with what would be sent of them, from the frozen rows."""
    wanted = pa.array([sample.key for sample in samples], pa.string())
    found: dict[str, dict[str, str]] = {}
    for batch in store.read_rows(settings, plan_id, ["record_key", "payload"]):
        for row in batch.filter(pc.is_in(batch.column("record_key"), wanted)).to_pylist():
            found[row["record_key"]] = json.loads(row["payload"] or "{}")
        if len(found) == len(set(wanted.to_pylist())):
            break
    return [replace(sample, values=found.get(str(sample.key), {})) for sample in samples]


def without_people(samples: Sequence[Sample], *, personal: bool) -> list[Sample]:
    """The samples without keys that are personal data.

    Args:
        personal: True when every key of the plan is.
    """
    return [replace(sample, key=None) if personal or "@" in str(sample.key) else sample for sample in samples]
