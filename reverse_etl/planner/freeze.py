"""The rows that a plan pins: what is sent is what was planned, whatever the model holds by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlglot import exp

from reverse_etl.planner import render, store
from reverse_etl.planner.filled import filled_fields
from reverse_etl.planner.marks import row_mark
from reverse_etl.planner.question import Question
from reverse_etl.planner.samples import Samples
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, named

KEPT = (
    *("record_key", "operation", "person_id", "contact_point", "destination_id", "digest"),
    *("replaces", "former", "survivor"),
)
REMEMBERED = ("fingerprints", "prior_fields", "retaken")
WRITTEN = ("upsert", "event", "keep")
# Plans up to this size are in the order of their keys, for people who read them. To order a large one, its
# rows would have to be held whole.
ORDERED = 50_000


class Frozen:
    """Reads the rows of a plan's table with their values, and counts the fields that changed.

    Attributes:
        changed: field → changed records in which it differs, complete once all rows were read.
        samples: a few of the rows that were read.
    """

    def __init__(self, connection: Connection, ask: Question, table: str) -> None:
        self._connection, self._ask, self._table = connection, ask, table
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
        filled = filled_fields(self._connection, ask, planned)
        for query in (_removed(ask, self._table), _written(ask, self._table, filled)) if planned else ():
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


def _written(ask: Question, table: str, filled: Collection[str]) -> exp.Select:
    """Rows of the plan with what is written; of the model, only those are rendered."""
    same = exp.EQ(
        this=exp.cast(column(ask.file.key, "model"), "text"), expression=column("record_key", "planned")
    )
    names = [*KEPT, *REMEMBERED, "status"]
    values = [named(column(rule.from_, "model"), f"value_{n}") for n, rule in enumerate(ask.rules.values())]
    joined = (
        exp.select(
            *[column(name, "planned") for name in names],
            *render.texts(ask.rules, ask.columns, ask.dialect, "model"),
            named(row_mark(ask, "model"), "mark"),
            *(values if ask.snapshot else ()),
        )
        .from_(exp.alias_(ask.source, "model", table=True))
        .join(exp.alias_(exp.to_table(table), "planned", table=True), on=same)
        .where(column("operation", "planned").isin(*WRITTEN))
    )
    rendered = [column(f"text_{n}") for n in range(len(ask.rules))]
    digests = render.field_digests(ask.salt, list(ask.rules), rendered)
    if ask.snapshot:
        digests = exp.Case(ifs=[exp.If(this=column("status").isin("new", "changed"), true=digests)])
    payload = render.payload(ask.rules, ask.columns, rendered, filled)
    digest = exp.Coalesce(this=column("digest"), expressions=[render.digest(ask.salt, payload)])
    return exp.select(
        *[column(name) if name != "digest" else named(digest, name) for name in names],
        *[column(f"value_{n}") for n in range(len(ask.rules)) if ask.snapshot],
        named(payload, "payload"),
        named(digests, "field_digests"),
        column("mark"),
    ).from_(joined.subquery("joined"))


def _removed(ask: Question, table: str) -> exp.Select:
    """Rows of the plan that are taken back: nothing of the model."""
    empty = exp.cast(exp.Null(), "text")
    values = [
        named(
            exp.cast(exp.Null(), exp.DataType.build(ask.columns[rule.from_], dialect=ask.dialect)),
            f"value_{n}",
        )
        for n, rule in enumerate(ask.rules.values())
    ]
    return (
        exp.select(
            *map(column, (*KEPT, *REMEMBERED, "status")),
            *(values if ask.snapshot else ()),
            named(empty, "payload"),
            named(empty.copy(), "field_digests"),
            named(exp.cast(exp.Null(), "bigint"), "mark"),
        )
        .from_(table)
        .where(exp.not_(column("operation").isin(*WRITTEN)))
    )


def _plain_types(batch: pa.RecordBatch, kinds: dict[str, pa.DataType | None]) -> pa.RecordBatch:
    """Engines whose driver gives decimals as opaque text get them back as decimals."""
    columns = []
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        storage = values.storage if isinstance(values.type, pa.BaseExtensionType) else values
        wanted = kinds.get(name)
        columns.append(storage.cast(wanted) if wanted is not None else storage)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
