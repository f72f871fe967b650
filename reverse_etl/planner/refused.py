"""Consent asked before anything is given back to the people of a run that is undone."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config import SyncFile
from reverse_etl.config.columns import people_in
from reverse_etl.config.declared import MODEL_SCHEMA, declared_models
from reverse_etl.config.load import Sync
from reverse_etl.config.people import PERSON, People
from reverse_etl.planner import consent
from reverse_etl.settings import Settings
from reverse_etl.state.undo import Done
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, named

BACK = "sync_undo_asked"
_FIELDS = pa.schema([("record_key", pa.string()), ("contact_point", pa.string())])


def refused_since(settings: Settings, warehouse: Warehouse, sync: Sync, done: Sequence[Done]) -> set[str]:
    """Keys of those who may not be written to any more.

    Who is in the model no more is asked by the key, where that is the person, and by the address that the
    destination held.
    """
    with warehouse.connect() as connection:
        columns = connection.columns(MODEL_SCHEMA, sync.file.model)
        people = people_in(sync, columns or {}, declared_models(settings).get(sync.file.model))
        if people is None or not done:
            return set()
        rows = [
            {"record_key": record.record_key, "contact_point": _address(sync.file, people, record)}
            for record in done
        ]
        batch = pa.RecordBatch.from_pylist(rows, schema=_FIELDS)
        reader = pa.RecordBatchReader.from_batches(_FIELDS, [batch])
        connection.stage(BACK, reader)
        query = _query(sync.file, people, in_model=columns is not None)
        found = connection.execute(query.sql(dialect=warehouse.dialect))
        connection.drop(BACK)
    return {str(key) for (key,) in found}


def _address(file: SyncFile, people: People, record: Done) -> str | None:
    """The address that it held before the run, where the sync writes it."""
    named_so = (name for name, rule in file.fields.items() if rule.from_ == people.contact)
    return next(((record.before or {}).get(name) for name in named_so), None)


def _query(file: SyncFile, people: People, *, in_model: bool) -> exp.Select:
    has_contact = people.contact is not None
    joined = exp.select(column("record_key", "asked")).from_("asked")
    joined = consent.join_decisions(joined, "asked", has_contact)
    refused = joined.where(exp.not_(consent.allowed("asked", has_contact)))
    return refused.with_("consents", as_=consent.decisions(file)).with_(
        "asked", as_=_asked(file, people, in_model=in_model)
    )


def _asked(file: SyncFile, people: People, *, in_model: bool) -> exp.Select:
    """record_key, person_id, contact_point; of the model, where the record does not say it itself."""
    key, address = column("record_key", "back"), consent.contact_key(file, column("contact_point", "back"))
    person: exp.Expr = key.copy() if file.key == PERSON else exp.cast(exp.Null(), "text")
    query = exp.select(named(key, "record_key")).from_(exp.alias_(exp.to_table(BACK), "back", table=True))
    if in_model and people.person:
        now = exp.alias_(exp.table_(file.model, db=MODEL_SCHEMA, quoted=True), "now", table=True)
        same = exp.EQ(this=exp.cast(column(file.key, "now"), "text"), expression=key.copy())
        query = query.join(now, on=same, join_type="left")
        person = exp.Coalesce(this=exp.cast(column(people.person, "now"), "text"), expressions=[person])
        if people.contact:
            there = consent.contact_key(file, column(people.contact, "now"))
            address = exp.Coalesce(this=address, expressions=[there])
    return query.select(named(person, "person_id"), named(address, "contact_point"))
