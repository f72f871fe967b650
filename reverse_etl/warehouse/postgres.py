"""PostgreSQL through ADBC: Arrow in and out, statements between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as url_quote

import pyarrow as pa

from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.warehouse.base import qualified
from reverse_etl.warehouse.postgres_rights import literal, missing_grants, owns, told
from reverse_etl.warehouse.sql_standard import StandardStatements, column_added

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Connection as AdbcConnection


@dataclass(frozen=True)
class PostgresWarehouse:
    """A PostgreSQL database.

    Attributes:
        host: a host name, or the folder of a Unix socket.
        options: libpq parameters beyond these (sslmode and the like).
    """

    host: str
    port: int
    user: str
    password: str
    database: str
    options: dict[str, str]
    engine: str = "postgres"
    dialect: str = "postgres"

    @classmethod
    def from_output(cls, output: dict[str, Any]) -> PostgresWarehouse:
        """The warehouse of a dbt profile's output."""
        options = {
            key: str(output[key]) for key in ("sslmode", "sslrootcert", "connect_timeout") if key in output
        }
        database = str(output.get("dbname") or output.get("database"))
        password = str(output.get("password") or output.get("pass") or "")
        return cls(str(output["host"]), int(output["port"]), str(output["user"]), password, database, options)

    @property
    def name(self) -> str:
        """user@host/database."""
        return f"postgres {self.user}@{self.host}/{self.database}"

    def roomier(self) -> None:
        """The server minds its own memory."""

    @contextmanager
    def connect(self, *, read_only: bool = False, large: bool = False) -> Iterator[PostgresConnection]:
        """Connect within one transaction; read-only is enforced by the server. See `base.Warehouse`."""
        try:
            import adbc_driver_postgresql.dbapi as adbc
        except ImportError:
            raise ConfigurationError(
                "The PostgreSQL driver is not installed.", "Install the extra: pip install 'kith[postgres]'."
            ) from None
        try:
            raw = adbc.connect(self._uri())
        except adbc.Error as error:
            raise WarehouseError(
                f"{self.name} cannot be reached: {_first_line(error)}", "See `kith doctor`."
            ) from None
        try:
            connection = PostgresConnection(raw)
            if large:
                connection.execute("set transaction isolation level repeatable read")
            connection.execute("set local timezone = 'UTC'")
            if read_only:
                connection.execute("set transaction read only")
            yield connection
            raw.commit()
        except adbc.Error as error:
            raw.rollback()
            raise WarehouseError(f"{self.name}: {_first_line(error)}") from error
        except BaseException:
            raw.rollback()
            raise
        finally:
            raw.close()

    def _uri(self) -> str:
        parameters = {
            "host": self.host,
            "port": str(self.port),
            "user": self.user,
            "password": self.password,
            "dbname": self.database,
            "application_name": "kith",
            **self.options,
        }
        query = "&".join(f"{key}={url_quote(value, safe='')}" for key, value in parameters.items() if value)
        return f"postgresql:///?{query}"


class PostgresConnection(StandardStatements):
    """See `reverse_etl.warehouse.base.Connection`."""

    dialect = "postgres"

    def __init__(self, raw: AdbcConnection) -> None:
        self.raw = raw

    def pass_on(self) -> None:
        """The server minds its own memory."""

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; its rows."""
        with self.raw.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def stream(self, sql: str, rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """The query's rows as Arrow batches."""
        with self.raw.cursor() as cursor:
            cursor.execute(sql)
            for batch in cursor.fetch_record_batch():
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)

    def ingest(self, schema: str, table: str, reader: pa.RecordBatchReader, *, append: bool) -> int:
        """Write the batches as a table."""
        self.make_schema(schema)
        mode = "append" if append and self.columns(schema, table) is not None else "create"
        if mode == "create":
            self.execute(f"drop table if exists {qualified((schema, table))} cascade")
        with self.raw.cursor() as cursor:
            return int(cursor.adbc_ingest(table, reader, mode=mode, db_schema_name=schema))

    def stage(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Write the batches as a temporary table."""
        self.execute(f"drop table if exists {qualified(('pg_temp', table))}")
        with self.raw.cursor() as cursor:
            return int(cursor.adbc_ingest(table, reader, mode="create", temporary=True))

    def make_schema(self, schema: str) -> None:
        """Make a schema when it is absent. PostgreSQL wants the right to do so even when it is there."""
        if not self.execute(f"select 1 from pg_catalog.pg_namespace where nspname = {literal(schema)}"):
            super().make_schema(schema)

    def make_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """Make a table, and its schema, when it is absent.

        Raises:
            ConfigurationError: the role may not write it, or not make it.
        """
        self.require_rights(schema, [table])
        super().make_table(schema, table, columns)

    def require_rights(self, schema: str, tables: Sequence[str]) -> None:
        """See `base.Connection`."""
        lacking = missing_grants(self, schema, tables)
        if lacking:
            raise ConfigurationError(*told(self, schema, lacking))

    def add_column(self, schema: str, table: str, column: str, kind: str) -> None:
        """Add a column, null in the rows that are there.

        Raises:
            ConfigurationError: the table is another role's, who alone may do it.
        """
        statement = column_added(schema, table, column, kind, self.dialect)
        if not owns(self, schema, table):
            raise ConfigurationError(*told(self, schema, [statement]))
        self.execute(statement)

    def columns(self, schema: str, table: str) -> dict[str, str] | None:
        """Column name → type name, in order; None when absent."""
        kind = (
            "case when data_type = 'numeric' and numeric_precision is not null "
            "then 'numeric(' || numeric_precision || ',' || numeric_scale || ')' else data_type end"
        )
        found = self._catalog(f"column_name, {kind}", "columns", schema, table, "ordinal_position")
        return {str(name): str(kind) for name, kind in found} or None

    def tables(self, schema: str) -> list[str]:
        """The schema's tables and views."""
        return [str(name) for (name,) in self._catalog("table_name", "tables", schema, None, "table_name")]

    def _catalog(
        self, select: str, view: str, schema: str, table: str | None, order: str
    ) -> list[tuple[Any, ...]]:
        where = f"table_schema = {literal(schema)}" + (f" and table_name = {literal(table)}" if table else "")
        return self.execute(f"select {select} from information_schema.{view} where {where} order by {order}")


def _first_line(error: Exception) -> str:
    """What the server said, without DETAIL (which quotes rows) and CONTEXT."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
