"""From whatever a person at a keyboard knows to a person_id."""

from __future__ import annotations

import difflib

from sqlglot import exp

from reverse_etl.errors import UsageError, WarehouseError
from reverse_etl.warehouse import Connection


def find_person(connection: Connection, wanted: str) -> str:
    """The current person_id for a person_id (retired ones too), an identifier, or a record's id.

    Args:
        connection: to the marts.
        wanted: for example an e-mail, a phone, a device id, a shop's customer id.

    Raises:
        UsageError: nobody has it, or several people do.
        WarehouseError: nothing is built yet.
    """
    require_built(connection)
    text = wanted.strip()
    for query in (_by_id, _by_identifier, _by_contact, _by_unused_identifier, _by_record):
        found = sorted({str(row[0]) for row in connection.execute(query(connection, text))})
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"{len(found)} people have that: {', '.join(found[:5])}.",
                "Name one of them by its person id.",
            )
    raise UsageError("No person has that id, identifier or record.", _hint(connection, text))


def require_built(connection: Connection) -> None:
    """Raise when there are no profiles yet.

    Raises:
        WarehouseError: says what to run first.
    """
    if connection.columns("marts", "profiles") is None:
        raise WarehouseError("There are no profiles yet.", "Build them first: `kith build`, or `kith demo`.")


def literal(connection: Connection, text: str) -> str:
    """A string literal in the engine's SQL."""
    return exp.Literal.string(text).sql(dialect=connection.dialect)


def _by_id(connection: Connection, text: str) -> str:
    value = literal(connection, text)
    return (
        f"select person_id from marts.profiles where person_id = {value} "
        f"union select person_id from marts.person_aliases where alias_person_id = {value}"
    )


def _by_identifier(connection: Connection, text: str) -> str:
    return _identified(connection, text, "status = 'active'")


def _by_unused_identifier(connection: Connection, text: str) -> str:
    """One that is nobody's alone, or invalid, is held of a person all the same."""
    return _identified(connection, text, "status <> 'active'")


def _identified(connection: Connection, text: str, condition: str) -> str:
    values = ", ".join(literal(connection, form) for form in _forms(text))
    return (
        "select distinct person_id from marts.person_identifiers "
        f"where {condition} and identifier_value in ({values})"
    )


def _by_contact(connection: Connection, text: str) -> str:
    """As people gave it: match keys are folded, what is written to is not."""
    values = ", ".join(literal(connection, form) for form in _forms(text))
    return (
        f"select person_id from marts.profiles where lower(email) = {literal(connection, text.lower())} "
        f"or phone in ({values})"
    )


def _forms(text: str) -> list[str]:
    """As it is, in lower case, and as a phone of E.164: an international one begins with + or 00."""
    digits = "".join(filter(str.isdigit, text))
    return sorted({text, text.lower(), f"+{digits}", f"+{digits.removeprefix('00')}"})


def _by_record(connection: Connection, text: str) -> str:
    record = literal(connection, text)
    return f"select distinct person_id from marts.person_records where record_id = {record}"


def _hint(connection: Connection, text: str) -> str:
    """The kinds of identifier that there are; never a value of anybody's."""
    kinds = [
        str(row[0])
        for row in connection.execute(
            "select distinct identifier_type from marts.person_identifiers order by 1"
        )
    ]
    near = difflib.get_close_matches(text, kinds, 1)
    if near:
        return f"`{near[0]}` is a kind of identifier; give a value of it."
    return f"Give a person id, a record's id, or a value of: {', '.join(kinds)}."
