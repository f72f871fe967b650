"""What a plan is computed from: the sync, its model's columns, its people, its mapping."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlglot import exp

from reverse_etl.config import FieldRule, SyncFile
from reverse_etl.config.columns import check_columns, check_model, people_in
from reverse_etl.config.declared import MODEL_SCHEMA, declared_models
from reverse_etl.config.load import Sync
from reverse_etl.config.people import People, is_personal
from reverse_etl.config.problems import refuse
from reverse_etl.destinations import Capabilities
from reverse_etl.errors import ConfigurationError
from reverse_etl.planner import render
from reverse_etl.planner.words import said_in
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column

ARM = "arm"
CONFIDENCE = exp.table_("person_confidence", db="marts", quoted=True)


@dataclass(frozen=True)
class Question:
    """What a plan is computed from.

    Attributes:
        destination: the account's name, or its sandbox.
        columns: the model's columns with the engine's type names.
        rules: destination's field → rule, the key's own field included.
        unique: the fields that the destination holds unique; two people who share a value are both held.
        people: how the rows are people; None when they are not, and nobody is asked for consent.
        withdrawn: what becomes of a delivered person who withdrew consent.
        merges: True when the rows are keyed by person, and `marts.person_aliases` tells who was merged.
        mapping: digest of the rules; a change of it makes every row a changed one.
        exact: True when nobody is sent whose records hang together by links that are not exact.
        terms: what decides how a plan is carried out; a change of it makes a plan out of date, and no row.
        personal_keys: True when the key is an address, a name or declared personal; a person_id is not.
        snapshot: keep unchanged rows too, with the columns' own types.
        singly: ways of removal that take a request a record.
    """

    file: SyncFile
    sync: str
    destination: str
    columns: dict[str, str]
    rules: dict[str, FieldRule]
    unique: tuple[str, ...]
    people: People | None
    withdrawn: str
    merges: bool
    exact: bool
    mapping: str
    terms: dict[str, Any]
    personal_keys: bool
    snapshot: bool
    singly: frozenset[str]
    now: datetime
    salt: str
    dialect: str
    engine_version: str

    @property
    def has_policies(self) -> bool:
        """True when a field is not always written, so that what was left there counts."""
        return any(rule.write != "always" for rule in self.rules.values())

    @property
    def contact(self) -> str | None:
        """The column with the address that consent is about."""
        return self.people.contact if self.people else None

    def render(self, query: exp.Expr) -> str:
        """The tree as this engine's SQL."""
        return said_in(query, self.dialect)

    @property
    def arm(self) -> str | None:
        """The column with the part of an audience that a person is in, as `marts.audience_members` has it."""
        return next((name for name in self.columns if name.lower() == ARM), None)

    @property
    def source(self) -> exp.Table:
        """The activation model."""
        return exp.table_(self.file.model, db=MODEL_SCHEMA, quoted=True)


def ask_question(
    settings: Settings,
    connection: Connection,
    dialect: str,
    *,
    sync: Sync,
    destination: str,
    can: Capabilities,
) -> Question:
    """The question of a sync at a destination.

    Raises:
        UsageError: the model lacks a column.
        ConfigurationError: no such relation, or no `marts.consents`.
    """
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
        withdrawn=sync.file.withdrawn(can.on_withdrawn),
        merges=people is not None
        and sync.file.key == people.person
        and sync.file.mode in ("mirror", "upsert", "update")
        and not can.snapshot
        and connection.columns("marts", "person_aliases") is not None,
        exact=_asks_confidence(connection, sync),
        mapping=mapping_digest(rules),
        terms=terms_of(sync.file, rules),
        personal_keys=is_personal(
            sync.file.key, columns[sync.file.key], declared.personal if declared else ()
        ),
        snapshot=can.snapshot,
        singly=can.singly,
        now=settings.now,
        salt=tables.read_salt(connection, dialect),
        dialect=dialect,
        engine_version=str(connection.execute("select version()")[0][0]),
    )


def _asks_confidence(connection: Connection, sync: Sync) -> bool:
    """True for `confidence: exact`; the others take every link that there is.

    Raises:
        ConfigurationError: nobody's confidence is known.
    """
    if sync.file.confidence != "exact":
        return False
    known = exp.select(column("person_id")).from_(CONFIDENCE).limit(1)
    if connection.columns("marts", CONFIDENCE.name) is None or not connection.execute(
        said_in(known, connection.dialect)
    ):
        raise ConfigurationError(
            f"The sync `{sync.name}` has `confidence: exact`, and marts.person_confidence tells of nobody.",
            "Set exact_links: true in dbt_project.yml, and run kith build.",
        )
    return True


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


def terms_of(file: SyncFile, rules: dict[str, FieldRule]) -> dict[str, Any]:
    """What a plan's rows are sent by, as the sync's keys name it. Consent has words of its own."""
    names = ("model", "key", "destination", "object", "mode", "match", "on_removed", "confidence")
    fields = [[name, rule.from_, rule.write, rule.on_null] for name, rule in rules.items()]
    said = {name: getattr(file, name) for name in names}
    return {**said, "on_merge": file.merged, "fields": fields}
