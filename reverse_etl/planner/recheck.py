"""Consent asked again, just before sending and whenever a plan is resumed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from reverse_etl.config.columns import people_in
from reverse_etl.config.declared import MODEL_SCHEMA, declared_models
from reverse_etl.config.load import Sync
from reverse_etl.errors import UsageError
from reverse_etl.planner import consent, store
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.question import consent_asked
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, Warehouse, in_large
from reverse_etl.warehouse.expressions import column

ASKED = "sync_recheck"


def withheld_keys(settings: Settings, warehouse: Warehouse, sync: Sync, plan: Plan) -> set[str]:
    """Keys of the plan's rows that may not be sent any more. Removals are never withheld.

    Raises:
        UsageError: what has to be asked is not what the plan asked; it is out of date.
    """
    return in_large(warehouse, partial(_withheld, settings, sync, plan))


def _withheld(settings: Settings, sync: Sync, plan: Plan, connection: Connection) -> set[str]:
    columns = connection.columns(MODEL_SCHEMA, sync.file.model)
    declared = declared_models(settings).get(sync.file.model)
    # A model that is gone says nothing; the plan's own rows still say who they are.
    asked = plan.consent if columns is None else consent_asked(sync.file, people_in(sync, columns, declared))
    if asked != plan.consent:
        raise UsageError(
            f"The plan {plan.plan_id} is out of date: what its people have to consent to changed since.",
            f"Plan anew: kith sync plan {plan.sync}",
        )
    if plan.consent is None:
        return set()
    reader = pa.RecordBatchReader.from_batches(_FIELDS, _asked(settings, plan.plan_id))
    connection.stage(ASKED, reader)
    found = connection.execute(_query(sync, plan.contact).sql(dialect=connection.dialect))
    connection.drop(ASKED)
    return {str(key) for (key,) in found}


_NAMES = ("record_key", "person_id", "contact_point")
_FIELDS = pa.schema([(name, pa.string()) for name in _NAMES])


def _asked(settings: Settings, plan_id: str) -> Iterator[pa.RecordBatch]:
    for batch in store.read_rows(settings, plan_id, [*_NAMES, "operation"]):
        sent = pc.is_in(batch.column("operation"), pa.array(["upsert", "event", "keep"]))
        yield batch.filter(sent).select(list(_NAMES)).cast(_FIELDS)


def _query(sync: Sync, has_contact: bool) -> exp.Select:
    asked = exp.alias_(exp.to_table(ASKED), "asked", table=True)
    query = exp.select(column("record_key", "asked")).from_(asked)
    joined = consent.join_decisions(query, "asked", has_contact)
    return joined.where(exp.not_(consent.allowed("asked", has_contact))).with_(
        "consents", as_=consent.decisions(sync.file)
    )
