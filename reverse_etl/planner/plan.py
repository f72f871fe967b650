"""Makes a plan: checks, compares in the warehouse, freezes what is to be sent."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config import FieldRule, SyncFile
from reverse_etl.config.load import Sync
from reverse_etl.config.people import People
from reverse_etl.config.problems import refuse
from reverse_etl.config.validate import check_columns, check_model, declared_models, people_in
from reverse_etl.destinations import Capabilities
from reverse_etl.errors import ConfigurationError, HeldError
from reverse_etl.planner import consent, guards, render, store
from reverse_etl.planner.difference import MODEL_SCHEMA, PLAN_TABLE, Question, column, key_counts, plan_query
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import Journal
from reverse_etl.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class Plan:
    """What one run would do. Holds counts and reasons, no person's values.

    Attributes:
        plan_id: its folder in KITH_HOME/plans.
        read_at: when the model was read, ISO 8601 UTC.
        changed_fields: field → changed records in which it differs; empty after a change of the mapping.
        remapped: records that are sent anew because the mapping or the digest's version changed.
        left: records that left the model and stay at the destination.
        held: reason → records not sent.
        removed_reasons: reason → records to remove.
        after_run: the journal's last run of the sync when the plan was made.
        consent: what was asked of `marts.consents`, in words; None when no row is a person.
        contact: True when consent was asked for each row's own address.
        granted: people who consent to purpose and channel; None as above.
        lost: records that the journal knows to be delivered and `ops.sync_records` does not.
        guard: why a person has to approve this plan, or None.
    """

    plan_id: str
    sync: str
    destination: str
    model: str
    read_at: str
    mapping: str
    rows: int = 0
    delivered_before: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    left: int = 0
    remapped: int = 0
    changed_fields: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    removed_reasons: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    batch: int = 0
    requests_per_second: float = 0
    after_run: int = 0
    consent: str | None = None
    contact: bool = False
    granted: int | None = None
    lost: int = 0
    guard: str | None = None

    @property
    def planned(self) -> int:
        """Records that a run would send."""
        return self.new + self.changed + self.removed

    @property
    def held_count(self) -> int:
        """Records held back."""
        return sum(self.held.values())


def load_plan(settings: Settings, plan_id: str) -> Plan:
    """A plan made before.

    Raises:
        UsageError: there is none.
    """
    return Plan(**store.read_facts(settings, plan_id))


def make_plan(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    destination: str,
    can: Capabilities,
    *,
    batch: int,
    requests_per_second: float,
    journal: Journal,
) -> Plan:
    """Plan a sync and keep it in KITH_HOME/plans. No network.

    Raises:
        UsageError: the model lacks a column.
        ConfigurationError: no such relation, or no `marts.consents`.
        HeldError: null or duplicate keys, or no rows where some were delivered; nothing is kept.
    """
    store.forget_old(settings)
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect, journal.salt())
        ask = _question(settings, connection, warehouse.dialect, sync=sync, destination=destination, can=can)
        rows = _check_keys(connection, ask)
        _compare(connection, ask)
        facts = _facts(connection, ask, rows)
        plan_id = f"{settings.now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}"
        requests = -(-(facts["new"] + facts["changed"]) // batch) + -(-facts["removed"] // batch)
        plan = Plan(
            plan_id=plan_id,
            sync=sync.name,
            destination=destination,
            model=sync.file.model,
            read_at=f"{settings.now:%Y-%m-%dT%H:%M:%SZ}",
            mapping=ask.mapping,
            requests=0 if can.snapshot else requests,
            batch=batch,
            requests_per_second=requests_per_second,
            after_run=journal.last_run(sync.name, destination),
            consent=consent_asked(sync.file, ask.people),
            contact=ask.contact is not None,
            lost=guards.lost_records(connection, ask, journal),
            **facts,
        )
        before = guards.last_good(connection, ask, journal)
        plan = replace(
            plan, guard=guards.reasons_to_hold(plan, sync.file.guards, before, snapshot=can.snapshot)
        )
        store.write_plan(settings, plan_id, asdict(plan), _frozen(connection, ask))
        # The table lives as long as the session, which on some engines outlives this block.
        connection.execute(f"drop table {PLAN_TABLE}")
    return plan


def field_rules(file: SyncFile, can: Capabilities) -> dict[str, FieldRule]:
    """The mapping, with the field that carries the key where `match` asks for it."""
    rules = dict(file.fields)
    if can.written_key and can.written_key in file.match and can.written_key not in rules:
        rules = {can.written_key: FieldRule.model_validate({"from": file.key}), **rules}
    return rules


def consent_asked(file: SyncFile, people: People | None) -> str | None:
    """What consent a row needs, in words; a plan whose words differ from the sync's is out of date."""
    if people is None:
        return None
    address = f"the address in `{people.contact}`" if people.contact else "the person"
    return f"purpose {file.purpose}, channel {file.channel}, for {address}"


def mapping_digest(rules: dict[str, FieldRule]) -> str:
    """Changes when a field, its column or its null policy does: what the payload's form depends on."""
    text = json.dumps([[name, rule.from_, rule.on_null] for name, rule in rules.items()])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _question(
    settings: Settings,
    connection: Connection,
    dialect: str,
    *,
    sync: Sync,
    destination: str,
    can: Capabilities,
) -> Question:
    columns = connection.columns(MODEL_SCHEMA, sync.file.model)
    if columns is None:
        refuse(check_model(sync, settings, None))
        raise ConfigurationError(
            f"{MODEL_SCHEMA}.{sync.file.model}, which the sync `{sync.name}` reads, is not in the warehouse.",
            "Build it: kith build.",
        )
    declared = declared_models(settings).get(sync.file.model)
    refuse(check_columns(sync, columns, declared))
    people = people_in(sync, columns, declared)
    rules = field_rules(sync.file, can)
    for name, rule in rules.items():
        if render.unsupported(columns[rule.from_]):
            kind = columns[rule.from_]
            text = f"field `{name}` reads column `{rule.from_}` of type {kind}, which is no single value."
            refuse([sync.document.problem(("fields", name), text)])
    if people and connection.columns("marts", "consents") is None:
        raise ConfigurationError(
            "marts.consents, which says who may be written to, is not in the warehouse.",
            "Build it: kith build.",
        )
    return Question(
        file=sync.file,
        sync=sync.name,
        destination=destination,
        columns=columns,
        rules=rules,
        unique=tuple(name for name in sync.file.match if name in can.match and name in rules),
        people=people,
        mapping=mapping_digest(rules),
        snapshot=can.snapshot,
        now=settings.now,
        salt=tables.read_salt(connection, dialect),
        dialect=dialect,
    )


def _check_keys(connection: Connection, ask: Question) -> int:
    rows, keyed, distinct = connection.execute(ask.render(key_counts(ask)))[0]
    model = f"{MODEL_SCHEMA}.{ask.file.model}"
    if keyed < rows:
        raise HeldError(
            f"HELD  {ask.sync}  {rows - keyed:,} of {rows:,} rows of {model} have no `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is not null.",
        )
    if distinct < keyed:
        raise HeldError(
            f"HELD  {ask.sync}  {keyed - distinct:,} rows of {model} repeat a `{ask.file.key}`. "
            "Nothing was sent.",
            "Mend the model; its key is unique.",
        )
    if rows == 0 and _delivered_before(connection, ask):
        raise HeldError(
            f"HELD  {ask.sync}  {model} has no rows, and {_delivered_before(connection, ask):,} records were "
            "delivered from it before. Nothing was sent.",
            "Look at the last load and build; it is planned anew when rows are back.",
        )
    return int(rows)


def _delivered_before(connection: Connection, ask: Question) -> int:
    query = (
        exp.select(exp.Count(this=exp.Star()))
        .from_(tables.table(tables.RECORDS))
        .where(exp.EQ(this=column("sync"), expression=exp.Literal.string(ask.sync)))
        .where(exp.EQ(this=column("destination"), expression=exp.Literal.string(ask.destination)))
        .where(exp.EQ(this=column("status"), expression=exp.Literal.string("delivered")))
    )
    return int(connection.execute(ask.render(query))[0][0])


def _compare(connection: Connection, ask: Question) -> None:
    connection.execute(f"drop table if exists {PLAN_TABLE}")
    connection.execute(f"create temporary table {PLAN_TABLE} as {ask.render(plan_query(ask))}")


def _facts(connection: Connection, ask: Question, rows: int) -> dict[str, Any]:
    grouped = (
        exp.select(column("status"), column("reason"), column("in_model"), exp.Count(this=exp.Star()))
        .from_(PLAN_TABLE)
        .group_by("1", "2", "3")
        .order_by("1", "2", "3")
    )
    counts = [(str(s), str(r), bool(m), int(n)) for s, r, m, n in connection.execute(ask.render(grouped))]

    def total(status: str) -> int:
        return sum(number for found, _, _, number in counts if found == status)

    def reasons(status: str) -> dict[str, int]:
        return {reason: number for found, reason, _, number in counts if found == status}

    touched = sum(n for status, _, in_model, n in counts if in_model and status != "unchanged")
    remapped, fields = _changed_fields(connection, ask)
    return {
        "rows": rows,
        "delivered_before": _delivered_before(connection, ask),
        "granted": _granted(connection, ask),
        "new": total("new"),
        "changed": total("changed"),
        "removed": total("removed"),
        "left": total("left"),
        "unchanged": rows - touched,
        "remapped": remapped,
        "changed_fields": fields,
        "held": reasons("held"),
        "removed_reasons": reasons("removed"),
    }


def _granted(connection: Connection, ask: Question) -> int | None:
    if ask.people is None:
        return None
    return int(connection.execute(ask.render(consent.granted_people(ask.file)))[0][0])


def _changed_fields(connection: Connection, ask: Question) -> tuple[int, dict[str, int]]:
    before, after = column("prior_fields"), column("field_digests")
    sums: list[exp.Expr] = [exp.Count(this=exp.Star()), exp.Count(this=before)]
    for position in range(len(ask.rules)):
        test = render.field_changed(before, after, position)
        sums.append(exp.Count(this=exp.Case(ifs=[exp.If(this=test, true=exp.Literal.number(1))])))
    changed = exp.EQ(this=column("status"), expression=exp.Literal.string("changed"))
    row = connection.execute(ask.render(exp.select(*sums).from_(PLAN_TABLE).where(changed)))[0]
    total, comparable, *numbers = (int(value) for value in row)
    named = sorted(zip(ask.rules, numbers, strict=True), key=lambda pair: -pair[1])
    return total - comparable, {name: number for name, number in named if number}


def _frozen(connection: Connection, ask: Question) -> Iterator[pa.RecordBatch]:
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
    ]
    values = []
    if ask.snapshot:
        values = [exp.alias_(column(f"value_{n}"), f"value_{n}", quoted=True) for n in range(len(ask.rules))]
    rank = exp.Case(
        ifs=[exp.If(this=column("operation").isin("upsert", "keep"), true=exp.Literal.number(1))],
        default=exp.Literal.number(0),
    )
    query = (
        exp.select(*map(column, kept), *values)
        .from_(PLAN_TABLE)
        .where(exp.not_(exp.Is(this=column("operation"), expression=exp.Null())))
        .order_by(rank, column("record_key"))
    )
    kinds = {
        f"value_{number}": render.decimal_type(ask.columns[rule.from_])
        for number, rule in enumerate(ask.rules.values())
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
