"""The rows that a plan pins: what is sent is what was planned, whatever the model holds by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reverse_etl.planner import render, store
from reverse_etl.planner.pinned import KEPT, REMEMBERED, pinned
from reverse_etl.planner.question import Question
from reverse_etl.planner.samples import Samples
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column

# Plans up to this size are in the order of their keys, for people who read them. To order a large one, its
# rows would have to be held whole.
ORDERED = 50_000


class Frozen:
    """Reads the rows of a plan's table with their values, and counts the fields that changed.

    Attributes:
        changed: field → changed records in which it differs, complete once all rows were read.
        samples: a few of the rows that were read.
    """

    def __init__(self, connection: Connection, ask: Question, table: str, model_rows: int) -> None:
        self._connection, self._ask, self._table, self._model_rows = connection, ask, table, model_rows
        self.changed: Counter[str] = Counter()
        self.samples = Samples(list(ask.rules))

    def rows(self, planned: int) -> Iterator[pa.RecordBatch]:
        """Removals first, so that a unique value is free before another record takes it.

        Args:
            planned: about how many rows there are.
        """
        ask = self._ask
        kept = [*KEPT, "field_digests", "mark", "payload", *(REMEMBERED if ask.has_policies else ())]
        kept += [f"value_{n}" for n in range(len(ask.rules))] if ask.snapshot else []
        kinds = {
            f"value_{n}": render.decimal_type(ask.columns[rule.from_])
            for n, rule in enumerate(ask.rules.values())
        }
        for query in pinned(self._connection, ask, self._table, self._model_rows) if planned else ():
            ordered = query.order_by(column("record_key")) if planned <= ORDERED else query
            for batch in self._connection.stream(ask.render(ordered), rows=store.BATCH_ROWS):
                if batch.num_rows:
                    self._count(batch)
                    self.samples.look(batch)
                    yield _plain_types(batch, kinds).select(kept)

    def _count(self, batch: pa.RecordBatch) -> None:
        """Only of rows whose digests before are comparable."""
        fields = len(self._ask.rules)
        length = pc.binary_length(batch.column("prior_fields"))
        known = pc.and_(
            pc.equal(batch.column("status"), "changed"), pc.equal(length, fields * render.FIELD_DIGEST)
        )
        names = ("prior_fields", "field_digests")
        rows = batch.select(names).filter(known)
        before, after = (_digests(rows.column(name), fields) for name in names)
        for name, number in zip(self._ask.rules, (before != after).sum(axis=0), strict=True):
            if number:
                self.changed[name] += int(number)


def _digests(side_by_side: pa.StringArray, fields: int) -> NDArray[np.uint64]:
    """Each record's digests as a row of numbers: a digest is as long as one."""
    fixed = side_by_side.cast(pa.binary()).cast(pa.binary(fields * render.FIELD_DIGEST))
    return np.frombuffer(fixed.buffers()[1], np.uint64).reshape(-1, fields)[fixed.offset :][: len(fixed)]


def _plain_types(batch: pa.RecordBatch, kinds: dict[str, pa.DataType | None]) -> pa.RecordBatch:
    """Engines whose driver gives decimals as opaque text get them back as decimals."""
    columns = []
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        storage = values.storage if isinstance(values.type, pa.BaseExtensionType) else values
        wanted = kinds.get(name)
        columns.append(storage.cast(wanted) if wanted is not None else storage)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
