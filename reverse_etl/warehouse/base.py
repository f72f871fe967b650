"""What every warehouse engine offers to Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp


class Connection(Protocol):
    """One short connection, inside one transaction: committed at the end, rolled back on an error.

    Where an engine has no transaction over statements, each statement is one, and `ingest` is undone on an
    error; what the engine does with others is harmless when it is done again.
    """

    @property
    def dialect(self) -> str:
        """The sqlglot dialect of what it runs."""
        ...

    def pass_on(self) -> None:
        """What follows holds few rows at once, however many go through: an engine within this process may do
        with less memory."""
        ...

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; the rows that it returns, or an empty list. For small results."""
        ...

    def stream(self, sql: str, rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """The query's rows as Arrow batches of at most about `rows` rows, with flat memory."""
        ...

    def ingest(self, schema: str, table: str, reader: pa.RecordBatchReader, *, append: bool) -> int:
        """Write the batches as a table (created when absent, replaced unless `append`); rows written."""
        ...

    def stage(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Write the batches as a table that this connection alone sees, to be dropped after use; rows."""
        ...

    def keep(self, table: str, query: str) -> None:
        """Keep the query's rows as a table that this connection alone sees, to be dropped after use."""
        ...

    def drop(self, table: str) -> None:
        """Drop what `stage` or `keep` made; nothing when there is none."""
        ...

    def make_schema(self, schema: str) -> None:
        """Make a schema when it is absent."""
        ...

    def make_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """Make a table, and its schema, when it is absent: column name → a type by sqlglot's name."""
        ...

    def require_rights(self, schema: str, tables: Sequence[str]) -> None:
        """Nothing when the role may write those of the tables that are there, and make the others.

        Raises:
            ConfigurationError: it may not; says what gives it the right. Only where the engine tells.
        """
        ...

    def add_column(self, schema: str, table: str, column: str, kind: str) -> None:
        """Add a column, null in the rows that are there; its type by sqlglot's name."""
        ...

    def columns(self, schema: str, table: str) -> dict[str, str] | None:
        """Column name → engine's type name, in order; None when there is no such table or view."""
        ...

    def tables(self, schema: str) -> list[str]:
        """The names of the schema's tables and views; empty when there is no such schema."""
        ...


class Warehouse(Protocol):
    """A place to connect to. Opening one costs nothing; connecting takes the engine's lock, if it has one."""

    @property
    def engine(self) -> str:
        """The dbt adapter's type: duckdb, postgres, spark."""
        ...

    @property
    def dialect(self) -> str:
        """The sqlglot dialect."""
        ...

    @property
    def name(self) -> str:
        """What a person calls it, without any secret: the file, or user@host/database."""
        ...

    def connect(self, *, read_only: bool = False, large: bool = False) -> AbstractContextManager[Connection]:
        """Connect, waiting up to the settings' `lock_wait` for a lock.

        Args:
            large: many rows are read by several statements: all of them see the same state, in whatever
                order, and an engine within this process holds little of them and spills the rest to disk.
                See `large.in_large`.

        Raises:
            WarehouseBusy: another process held it for the whole wait.
            TooLittleMemory: the engine may hold less than it must.
            WarehouseError: it cannot be reached, is read-only, full, or refused.
        """
        ...

    def roomier(self) -> Warehouse | None:
        """The same, with more memory for what is large; None where it has all that there is."""
        ...


def quote(name: str, dialect: str = "duckdb") -> str:
    """An identifier, quoted as the engine reads it: in backticks by Spark, by others as the standard says."""
    if dialect == "spark":
        return "`" + name.replace("`", "``") + "`"
    return '"' + name.replace('"', '""') + '"'


def qualified(parts: Sequence[str], dialect: str = "duckdb") -> str:
    """Quoted parts joined by dots."""
    return ".".join(quote(part, dialect) for part in parts)


def definition(columns: Mapping[str, str], dialect: str) -> str:
    """Columns as `create table` takes them, each type in the engine's word."""
    return ", ".join(
        f"{quote(name, dialect)} {exp.DataType.build(kind).sql(dialect=dialect)}"
        for name, kind in columns.items()
    )
