"""One person, read from the marts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kith.person.explain import explain
from kith.person.find import find_person, literal
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.base import quote

Row = dict[str, Any]


@dataclass(frozen=True)
class PersonView:
    """The single customer view.

    Attributes:
        profile: the row of marts.profiles.
        identifiers: rows of marts.person_identifiers, active ones first.
        records: how many records of each source and record type.
        events: the latest events, newest first.
        consents: rows of marts.consents.
        audiences: audiences that the person is in, with the entry.
        because: the evidence path that holds the person's records together, in words.
    """

    person_id: str
    profile: Row
    identifiers: list[Row]
    records: list[Row]
    events: list[Row]
    consents: list[Row]
    audiences: list[Row]
    because: list[str]


def show_person(connection: Connection, wanted: str, *, events: int = 10) -> PersonView:
    """The person whom an id, identifier or record names, with the latest `events`."""
    person_id = find_person(connection, wanted)
    own = f"where person_id = {literal(connection, person_id)}"
    (profile,) = _rows(connection, "marts", "profiles", own)
    return PersonView(
        person_id=person_id,
        profile=profile,
        identifiers=_rows(
            connection,
            "marts",
            "person_identifiers",
            f"{own} order by status, identifier_type, identifier_value",
        ),
        records=_records(connection, own),
        events=_rows(
            connection, "marts", "person_events", f"{own} order by occurred_at desc, event_id limit {events}"
        ),
        consents=_rows(connection, "marts", "consents", f"{own} order by purpose, channel, contact_point"),
        audiences=_rows(
            connection, "marts", "audience_members", f"{own} and exited_at is null order by audience"
        ),
        because=explain(connection, person_id),
    )


def _records(connection: Connection, own: str) -> list[Row]:
    found = connection.execute(
        f"select source, record_type, count(*) from marts.person_records {own} group by 1, 2 order by 1, 2"
    )
    return [{"source": source, "record_type": kind, "records": count} for source, kind, count in found]


def _rows(connection: Connection, schema: str, table: str, rest: str) -> list[Row]:
    names: Sequence[str] = list(connection.columns(schema, table) or {})
    columns = ", ".join(quote(name, connection.dialect) for name in names)
    return [
        dict(zip(names, row, strict=True))
        for row in connection.execute(f"select {columns} from {schema}.{table} {rest}")
    ]
