"""What DuckDB and PostgreSQL do with the same words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from reverse_etl.warehouse.base import definition, qualified, quote


class StandardStatements(ABC):
    """The part of a connection that is the same SQL on both; see `base.Connection`."""

    dialect: str

    @abstractmethod
    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; its rows."""

    def keep(self, table: str, query: str) -> None:
        """Keep the query's rows as a temporary table."""
        self.drop(table)
        self.execute(f"create temporary table {quote(table)} as {query}")

    def drop(self, table: str) -> None:
        """Drop what `stage` or `keep` made."""
        self.execute(f"drop table if exists {quote(table)}")

    def make_schema(self, schema: str) -> None:
        """Make a schema when it is absent."""
        self.execute(f"create schema if not exists {quote(schema)}")

    def make_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """Make a table, and its schema, when it is absent."""
        self.make_schema(schema)
        name = qualified((schema, table))
        self.execute(f"create table if not exists {name} ({definition(columns, self.dialect)})")

    def add_column(self, schema: str, table: str, column: str, kind: str) -> None:
        """Add a column, null in the rows that are there."""
        self.execute(column_added(schema, table, column, kind, self.dialect))


def column_added(schema: str, table: str, column: str, kind: str, dialect: str) -> str:
    """The statement that adds it."""
    own = exp.DataType.build(kind).sql(dialect=dialect)
    return f"alter table {qualified((schema, table))} add column {quote(column)} {own}"
