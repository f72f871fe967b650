"""What every warehouse engine offers to Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa


class Connection(Protocol):
    """One short connection, inside one transaction: committed at the end, rolled back on an error."""

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
        """The dbt adapter's type: duckdb, postgres."""
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

        Raises:
            WarehouseBusy: another process held it for the whole wait.
            WarehouseError: it cannot be reached, is read-only, full, or refused.
        """
        ...


def quote(name: str) -> str:
    """An identifier, quoted for the SQL standard's engines (DuckDB, PostgreSQL, Snowflake)."""
    return '"' + name.replace('"', '""') + '"'


def qualified(parts: Sequence[str]) -> str:
    """Quoted parts joined by dots."""
    return ".".join(quote(part) for part in parts)
