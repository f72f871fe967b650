"""The real identity models over records that a test writes in the place of the sources' union."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from kith.build.invocation import dbt_arguments, dbt_environment, process_environment
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

SOURCES_OFF = {name: {"enabled": False} for name in ("segment", "shopify", "hubspot", "zendesk")}
SEEN = datetime(2026, 1, 1)
PEOPLE = {
    **dict.fromkeys(("source", "record_type", "record_id", "email", "phone"), pa.string()),
    **dict.fromkeys(("given_name", "family_name"), pa.string()),
    "birth_date": pa.date32(),
    **dict.fromkeys(("street", "city", "postcode", "region", "country"), pa.string()),
    **dict.fromkeys(("first_seen_at", "last_seen_at"), pa.timestamp("us")),
}
IDENTIFIERS = {
    **dict.fromkeys(
        ("source", "record_type", "record_id", "identifier_type", "identifier_value"), pa.string()
    ),
    "is_valid": pa.bool_(),
    "invalid_reason": pa.string(),
    **dict.fromkeys(("first_seen_at", "last_seen_at"), pa.timestamp("us")),
}


@dataclass(frozen=True)
class Record:
    """One source record: its id, and its identifiers as (type, value)."""

    record_id: str
    identifiers: tuple[tuple[str, str], ...] = ()
    given_name: str | None = None
    record_type: str = "customer"
    source: str = "shop"
    seen_at: datetime = SEEN


def record(record_id: str, *values: str, name: str | None = None, **more: Any) -> Record:
    """A record from words such as `email:a@b.co`."""
    pairs = tuple((kind, value) for kind, _, value in (word.partition(":") for word in values))
    return Record(record_id, pairs, name, **more)


class IdentityBuild:
    """Writes records, runs the identity models, reads who is one person.

    Args:
        settings: the warehouse and the clock.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warehouse = open_warehouse(settings)
        self._seeded = False

    def build(self, records: Sequence[Record], *, full_refresh: bool = False, **variables: object) -> None:
        """All models from the union of the sources to the marts of identity, over exactly these records.

        Raises:
            AssertionError: dbt failed; its message.
        """
        self.write(records)
        words = ["--select", "path:models/intermediate/identity", "tag:identity"]
        if not self._seeded:
            run_dbt(self.settings, ["seed", "--select", "identifier_types", "blocked_identifiers"])
            self._seeded = True
        run_dbt(
            self.settings,
            ["run", *words, *(["--full-refresh"] if full_refresh else [])],
            **variables,
        )

    def write(self, records: Sequence[Record]) -> None:
        """Put the records where the union of the sources would be."""
        people = [
            {
                "source": row.source, "record_type": row.record_type, "record_id": row.record_id,
                "given_name": row.given_name, "first_seen_at": row.seen_at, "last_seen_at": row.seen_at,
            }
            for row in records
        ]  # fmt: skip
        identifiers = [
            {
                "source": row.source, "record_type": row.record_type, "record_id": row.record_id,
                "identifier_type": kind, "identifier_value": value, "is_valid": True,
                "first_seen_at": row.seen_at, "last_seen_at": row.seen_at,
            }
            for row in records
            for kind, value in row.identifiers
        ]  # fmt: skip
        self._ingest("int_people", PEOPLE, people)
        self._ingest("int_identifiers", IDENTIFIERS, identifiers)

    def people(self) -> dict[str, str]:
        """Record id → person id."""
        return dict(self.rows("select record_id, person_id from marts.person_records"))

    def changes(self) -> list[tuple[str, str, str | None]]:
        """Change, person id, other person id."""
        return [
            (str(change), str(person), other)
            for change, person, other in self.rows(
                "select change, person_id, other_person_id from marts.identity_changes"
            )
        ]

    def aliases(self) -> dict[str, str]:
        """Retired id → current id."""
        return dict(self.rows("select alias_person_id, person_id from marts.person_aliases"))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query's rows."""
        with self.warehouse.connect() as connection:
            return connection.execute(sql)

    def _ingest(self, table: str, fields: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> None:
        schema = pa.schema(list(fields.items()))
        reader = pa.Table.from_pylist(rows, schema=schema).to_reader()
        with self.warehouse.connect() as connection:
            connection.ingest("intermediate", table, reader, append=False)


def groups_of(pairs: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """The first parts that share a second part."""
    members: dict[str, set[str]] = defaultdict(set)
    for member, group in pairs:
        members[group].add(member)
    return {frozenset(names) for names in members.values()}


def run_dbt(settings: Settings, words: Sequence[str], **variables: object) -> None:
    """One dbt command in this process, with every source off.

    Raises:
        AssertionError: a node failed, or dbt did not start.
    """
    from dbt.cli.main import dbtRunner

    arguments = dbt_arguments(settings, ["--quiet", *words], {**SOURCES_OFF, **variables})
    with process_environment(dbt_environment(settings)):
        outcome = dbtRunner().invoke(arguments)
    if not outcome.success:
        results = getattr(outcome.result, "results", [])
        raise AssertionError(str(outcome.exception or [row.message for row in results if row.message]))
