"""The rows that a plan pins: what is sent is what was planned, whatever the model holds by then."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from reverse_etl.planner import render
from reverse_etl.planner.question import Question
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, is_not_null, named, number


def frozen_rows(connection: Connection, ask: Question, table: str) -> Iterator[pa.RecordBatch]:
    """What is sent: removals first, so that a unique value is free before another record takes it."""
    kept = [
        "record_key",
        "operation",
        "person_id",
        "contact_point",
        "destination_id",
        "digest",
        "field_digests",
        "payload",
        "replaces",
        "former",
    ]
    if ask.has_policies:
        kept += ["fingerprints", "prior_fields", "retaken"]
    values = []
    if ask.snapshot:
        values = [named(column(f"value_{n}"), f"value_{n}") for n in range(len(ask.rules))]
    rank = exp.Case(
        ifs=[exp.If(this=column("operation").isin("upsert", "event", "keep"), true=number(1))],
        default=number(0),
    )
    query = (
        exp.select(*map(column, kept), *values)
        .from_(table)
        .where(is_not_null(column("operation")))
        .order_by(rank, column("record_key"))
    )
    kinds = {
        f"value_{position}": render.decimal_type(ask.columns[rule.from_])
        for position, rule in enumerate(ask.rules.values())
    }
    return (_plain_types(batch, kinds) for batch in connection.stream(ask.render(query)))


def _plain_types(batch: pa.RecordBatch, kinds: dict[str, pa.DataType | None]) -> pa.RecordBatch:
    """Engines whose driver gives decimals as opaque text get them back as decimals."""
    columns = []
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        storage = values.storage if isinstance(values.type, pa.BaseExtensionType) else values
        wanted = kinds.get(name)
        columns.append(storage.cast(wanted) if wanted is not None else storage)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
