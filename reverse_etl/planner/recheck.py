"""Consent asked again, just before sending and whenever a plan is resumed."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config.load import Sync
from reverse_etl.planner import consent, store
from reverse_etl.planner.difference import column
from reverse_etl.settings import Settings
from reverse_etl.state.tables import SCHEMA
from reverse_etl.warehouse import Warehouse

ASKED = "sync_recheck"


def withheld_keys(settings: Settings, warehouse: Warehouse, sync: Sync, plan_id: str) -> set[str]:
    """Keys of the plan's rows that may not be sent any more. Removals are never withheld."""
    if not sync.file.of_people:
        return set()
    with warehouse.connect() as connection:
        columns = connection.columns("activation", sync.file.model) or {}
        contact = consent.contact_column(sync.file, columns) is not None
        reader = pa.RecordBatchReader.from_batches(_FIELDS, _asked(settings, plan_id))
        connection.ingest(SCHEMA, ASKED, reader, append=False)
        found = connection.execute(_query(sync, contact).sql(dialect=warehouse.dialect))
        connection.execute(f'drop table "{SCHEMA}"."{ASKED}"')
    return {str(key) for (key,) in found}


_FIELDS = pa.schema([("record_key", pa.string()), ("contact_point", pa.string())])


def _asked(settings: Settings, plan_id: str) -> Iterator[pa.RecordBatch]:
    for batch in store.read_rows(settings, plan_id, ["record_key", "contact_point", "operation"]):
        rows = [row for row in batch.to_pylist() if row["operation"] in ("upsert", "keep")]
        yield pa.RecordBatch.from_pylist(rows, schema=_FIELDS)


def _query(sync: Sync, has_contact: bool) -> exp.Select:
    asked = exp.alias_(exp.table_(ASKED, db=SCHEMA, quoted=True), "asked", table=True)
    query = exp.select(column("record_key", "asked")).from_(asked)
    joined = consent.join_decisions(query, "asked", has_contact)
    return joined.where(exp.not_(consent.allowed("asked", has_contact))).with_(
        "consents", as_=consent.decisions(sync.file)
    )
