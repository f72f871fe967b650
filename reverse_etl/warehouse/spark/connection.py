"""Statements, Arrow in and out, and tables that one connection alone sees."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from reverse_etl.warehouse.spark import catalog
from reverse_etl.warehouse.spark.batches import conform, portions, slices
from reverse_etl.warehouse.spark.names import arrow_type, qualified, quote, sql_type, type_name
from reverse_etl.warehouse.spark.undo import Undo

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession

_ABSENT = ("NOT_FOUND", "not found", "cannot be found")


class SparkConnection:
    """See `reverse_etl.warehouse.base.Connection`."""

    dialect = "spark"

    def __init__(self, session: SparkSession, folder: Path | None) -> None:
        self.session = session
        self._folder = folder
        self._kept: dict[str, str] = {}
        self._undo = Undo(self.execute, folder, lambda path: catalog.know(session, path))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What was written in several statements stands at the end, or is undone when the block fails."""
        try:
            yield
        except BaseException:
            self._undo.back()
            raise
        finally:
            for table in list(self._kept):
                with suppress(Exception):
                    self.drop(table)
        self._undo.done()

    def pass_on(self) -> None:
        """The server minds its own memory."""

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; its rows. Times are UTC without a zone."""
        found: list[tuple[Any, ...]] = []
        for batch in self._arrow(self.session.sql(sql)):
            columns = [column.to_pylist() for column in batch.columns]
            found += zip(*columns, strict=True)
        return found

    def stream(self, sql: str, rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """The query's rows as Arrow batches, as the server sends them."""
        for batch in self._arrow(self.session.sql(sql)):
            yield from slices(batch, rows)

    def _arrow(self, frame: DataFrame) -> Iterator[pa.RecordBatch]:
        """The frame's rows as they come, in the Arrow types that are sent, too."""
        plan = frame._plan.to_proto(self.session.client)
        for part in self.session.client.to_table_as_iterator(plan, {}):
            if isinstance(part, pa.Table):
                types = [arrow_type(field.type) for field in part.schema]
                schema = pa.schema(list(zip(part.schema.names, types, strict=True)))
                for batch in part.to_batches():
                    arrays = [column.cast(kind) for column, kind in zip(batch.columns, types, strict=True)]
                    yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def ingest(self, schema: str, table: str, reader: pa.RecordBatchReader, *, append: bool) -> int:
        """Write the batches as a Delta table."""
        self.make_schema(schema)
        existing = self._schema(schema, table) if append else None
        self._undo.remember(schema, table)
        if existing is None:
            self._create(schema, table, {field.name: type_name(field.type) for field in reader.schema})
            existing = self._schema(schema, table)
        assert existing is not None
        return self._append(qualified(schema, table), reader, existing)

    def stage(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Write the batches as a table of its own, under a name of the session."""
        place = self._place(table)
        columns = {field.name: type_name(field.type) for field in reader.schema}
        self._create(catalog.TEMPORARY, place, columns)
        existing = self._schema(catalog.TEMPORARY, place)
        assert existing is not None
        rows = self._append(qualified(catalog.TEMPORARY, place), reader, existing)
        self._show(table, place)
        return rows

    def keep(self, table: str, query: str) -> None:
        """Keep the query's rows as a table that this connection alone sees."""
        place = self._place(table)
        self.execute(f"create or replace table {qualified(catalog.TEMPORARY, place)} using delta as {query}")
        self._show(table, place)

    def drop(self, table: str) -> None:
        """Drop what `stage` or `keep` made."""
        place = self._kept.pop(table, None)
        if place is not None:
            self.execute(f"drop view if exists {quote(table)}")
            self.execute(f"drop table if exists {qualified(catalog.TEMPORARY, place)}")
            if self._folder is not None:
                # Sail leaves the rows on the disk, and they may be people's.
                catalog.remove(self._folder, catalog.TEMPORARY, place)

    def make_schema(self, schema: str) -> None:
        """Make a schema when it is absent. Some catalogs want the right to do so even when it is there."""
        if self._folder is not None:
            catalog.make_schemas(self._folder, self.execute, [schema])
        elif schema not in {str(name) for name, *_ in self.execute("show databases")}:
            self.execute(f"create schema if not exists {quote(schema)}")

    def make_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """Make a table when it is absent."""
        self.make_schema(schema)
        if self._schema(schema, table) is None:
            types = {name: sql_type(kind) for name, kind in columns.items()}
            self._create(schema, table, types)

    def require_rights(self, schema: str, tables: Sequence[str]) -> None:
        """Nothing: the server says itself which right is missing."""

    def add_column(self, schema: str, table: str, column: str, kind: str) -> None:
        """Add a column, null in the rows that are there."""
        self._undo.remember(schema, table)
        name = qualified(schema, table)
        own = sql_type(kind)
        # Delta takes the column with a write; Sail knows no `alter table`.
        none = self.session.sql(f"select *, cast(null as {own}) as {quote(column)} from {name} limit 0")
        none.write.format("delta").mode("append").option("mergeSchema", "true").saveAsTable(name)
        if self._folder is not None:
            # Sail's catalog goes on telling the former columns, to dbt too.
            self.execute(f"drop table {name}")
            catalog.know(self.session, self._folder / catalog.TABLES / schema / table)

    def columns(self, schema: str, table: str) -> dict[str, str] | None:
        """Column name → type name, in order; None when absent."""
        found = self._schema(schema, table)
        return None if found is None else {field.name: field.dataType.simpleString() for field in found}

    def tables(self, schema: str) -> list[str]:
        """The schema's tables and views; empty when there is no such schema."""
        from pyspark.errors import AnalysisException

        try:
            rows = self.session.sql(f"show tables in {quote(schema)}").collect()
        except AnalysisException as error:
            if any(sign in str(error) for sign in _ABSENT):
                return []
            raise
        return sorted(str(row["tableName"]) for row in rows if not row["isTemporary"])

    def _schema(self, schema: str, table: str) -> Any:
        """Spark's schema of a table or view; None when there is none."""
        from pyspark.errors import AnalysisException

        try:
            # What `describe` says is old after a column was added.
            return self.session.sql(f"select * from {qualified(schema, table)} limit 0").schema
        except AnalysisException as error:
            if any(sign in str(error) for sign in _ABSENT):
                return None
            raise

    def _create(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        defined = ", ".join(f"{quote(name)} {kind}" for name, kind in columns.items())
        self.execute(f"create or replace table {qualified(schema, table)} ({defined}) using delta")

    def _append(self, name: str, reader: pa.RecordBatchReader, existing: Any) -> int:
        from pyspark.sql.pandas.types import to_arrow_schema

        # A column that is not nullable would read 0, not null, in rows from before it.
        wanted = to_arrow_schema(_nullable(existing), timezone="UTC")
        written = 0
        for portion in portions(reader):
            frame = self.session.createDataFrame(conform(portion, wanted), schema=_nullable(existing))
            frame.write.format("delta").mode("append").saveAsTable(name)
            written += portion.num_rows
        return written

    def _place(self, table: str) -> str:
        if table in self._kept:
            self.drop(table)
        self.make_schema(catalog.TEMPORARY)
        place = f"{table}_{secrets.token_hex(4)}"
        self._kept[table] = place
        return place

    def _show(self, table: str, place: str) -> None:
        source = qualified(catalog.TEMPORARY, place)
        self.execute(f"create or replace temporary view {quote(table)} as select * from {source}")


def _nullable(existing: Any) -> Any:
    from pyspark.sql.types import StructField, StructType

    return StructType([StructField(field.name, field.dataType, True) for field in existing])
