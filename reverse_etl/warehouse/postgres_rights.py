"""What a role of PostgreSQL may do with tables that another one made, and the statements that let it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from reverse_etl.warehouse.base import qualified, quote

RIGHTS = ("select", "insert", "update", "delete")


class Asked(Protocol):
    """What runs a statement."""

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Its rows."""
        ...


def missing_grants(connection: Asked, schema: str, tables: Sequence[str]) -> list[str]:
    """Statements that let the role write those of the tables that are there, and make the others."""
    found = connection.execute(
        "select current_user, has_schema_privilege(oid, 'usage'), has_schema_privilege(oid, 'create') "
        f"from pg_catalog.pg_namespace where nspname = {literal(schema)}"
    )
    if not found:
        return []  # who makes it owns it
    ((role, may_use, may_create),) = found
    there = _tables(connection, schema, tables)
    lacking = ["usage"] if not may_use else []
    lacking += ["create"] if not may_create and there.keys() != set(tables) else []
    grants = [f"grant {', '.join(lacking)} on schema {quote(schema)} to {quote(role)}"] if lacking else []
    closed = ", ".join(
        qualified((schema, name)) for name, may_write in sorted(there.items()) if not may_write
    )
    return grants + ([f"grant {', '.join(RIGHTS)} on {closed} to {quote(role)}"] if closed else [])


def owns(connection: Asked, schema: str, table: str) -> bool:
    """True when the role may alter the table."""
    ((owned,),) = connection.execute(
        "select pg_has_role(relowner, 'usage') from pg_catalog.pg_class "
        f"where relname = {literal(table)} and {_within(schema)}"
    )
    return bool(owned)


def told(connection: Asked, schema: str, statements: Sequence[str]) -> tuple[str, str]:
    """The error's message and hint."""
    ((role, database),) = connection.execute("select current_user, current_database()")
    return (
        f"The role `{role}` may not write the schema `{schema}` of the database `{database}` as it has to. "
        "Nothing was changed.",
        f"As the owner of what is named, or as a superuser: {'; '.join(statements)};",
    )


def literal(text: str) -> str:
    """A string literal; standard_conforming_strings is on in every supported version."""
    return "'" + text.replace("'", "''") + "'"


def _tables(connection: Asked, schema: str, tables: Sequence[str]) -> dict[str, bool]:
    """Table that is there → whether the role may write it."""
    names = ", ".join(map(literal, tables))
    may = " and ".join(f"has_table_privilege(oid, '{right}')" for right in RIGHTS)
    found = connection.execute(
        f"select relname, {may} from pg_catalog.pg_class where relname in ({names}) and {_within(schema)}"
    )
    return {str(name): bool(may_write) for name, may_write in found}


def _within(schema: str) -> str:
    return f"relnamespace in (select oid from pg_catalog.pg_namespace where nspname = {literal(schema)})"
