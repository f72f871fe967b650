"""What a model holds of some records, as a plan renders it: tells another spelling from another value."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config import FieldRule, SyncFile
from reverse_etl.config.declared import MODEL_SCHEMA
from reverse_etl.planner import render
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, named

ASKED = "sync_spellings_asked"
_KEYS = pa.schema([("record_key", pa.string())])


def model_texts(
    warehouse: Warehouse,
    file: SyncFile,
    rules: Mapping[str, FieldRule],
    asked: Mapping[str, Collection[str]],
) -> dict[str, dict[str, str]]:
    """Record → field → text, of those that are in the model, and of columns that it still has.

    Args:
        asked: record → fields.
    """
    names = sorted({name for fields in asked.values() for name in fields})
    with warehouse.connect() as connection:
        columns = connection.columns(MODEL_SCHEMA, file.model) or {}
        names = [name for name in names if rules[name].from_ in columns]
        if file.key not in columns or not names:
            return {}
        batch = pa.RecordBatch.from_arrays([pa.array(asked, pa.string())], schema=_KEYS)
        connection.stage(ASKED, pa.RecordBatchReader.from_batches(_KEYS, [batch]))
        chosen = {name: rules[name] for name in names}
        query = _query(file, render.texts(chosen, columns, connection.dialect, "now"))
        rows = connection.execute(query.sql(dialect=connection.dialect))
        connection.drop(ASKED)
    return {
        str(key): {
            name: text or "" for name, text in zip(names, texts, strict=True) if name in asked[str(key)]
        }
        for key, *texts in rows
    }


def _query(file: SyncFile, texts: list[exp.Expr]) -> exp.Select:
    key = exp.cast(column(file.key, "now"), "text")
    now = exp.alias_(exp.table_(file.model, db=MODEL_SCHEMA, quoted=True), "now", table=True)
    same = exp.EQ(this=key, expression=column("record_key", "asked"))
    asked = exp.alias_(exp.to_table(ASKED), "asked", table=True)
    return exp.select(named(key.copy(), "record_key"), *texts).from_(asked).join(now, on=same)
