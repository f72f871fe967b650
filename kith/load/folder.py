"""Loads a folder of raw tables into the warehouse: all of them, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from kith.load.csv_source import Header, check_csv, stream_csv
from kith.load.files import RawFile, find_files
from kith.load.nul import mark_nul, note_marked
from kith.load.required import check_required, declared_sources
from kith.load.shape import as_it_is, fit, sql_type
from kith.load.typed_source import Types, check_typed, plain, relation, stream_query
from reverse_etl.errors import InputError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse

POSTGRES_NAME = 63
# Staging reads raw tables only as far as they are new: a replaced one it has to read from its start.
REPLACED = "raw_replaced"


@dataclass(frozen=True)
class LoadedTable:
    """One table that was loaded.

    Attributes:
        added: columns that an existing table got.
        marked: values that held a NUL, which was replaced by U+FFFD.
    """

    schema: str
    table: str
    file: str
    rows: int
    columns: int
    appended: bool
    added: list[str]
    marked: int


@dataclass(frozen=True)
class LoadReport:
    """What was loaded.

    Attributes:
        sources: the schemas, in order.
        notes: what is allowed but worth saying, such as a table without rows.
    """

    tables: list[LoadedTable]
    rows: int
    sources: list[str]
    notes: list[str]


@dataclass(frozen=True)
class CheckedFile:
    """A file that was found good; `header` is of a CSV alone."""

    file: RawFile
    types: Types
    header: Header | None


def load_folder(
    settings: Settings, folder: Path, append: bool = False, *, any_schema: bool = False
) -> LoadReport:
    """Load `folder/<schema>/<table>.(csv|parquet|jsonl)` as raw tables, in one transaction.

    A table is replaced; with `append`, rows are added, columns that the table lacks are made, and those that
    the file lacks are null. CSV columns are text, the other formats keep their types. Files are looked at
    before the warehouse is opened.

    Raises:
        UsageError: no such folder, or nothing in it.
        InputError: a file or name that cannot be taken. The warehouse is as it was.
        WarehouseError: the warehouse is held, read-only, full or away. It is as it was.
    """
    sources = declared_sources(settings)
    names = [name for source in sources for name in (source.name, source.schema)]
    files = find_files(folder, any_schema=any_schema, declared=names)
    checked = []
    for file in files:
        good = check_file(file)
        check_required(file, list(good.types), sources)
        checked.append(good)
    warehouse = open_warehouse(settings)
    cut = {good.file.name: cut_names(good) if warehouse.engine == "postgres" else {} for good in checked}
    with warehouse.connect() as connection:
        existing = [
            connection.columns(good.file.schema, good.file.table) if append else None for good in checked
        ]
        together = list(zip(checked, existing, strict=True))
        note_replaced(connection, [good.file for good, columns in together if not columns])
        tables = [_load(connection, good, columns, cut[good.file.name]) for good, columns in together]
    return LoadReport(
        tables=tables,
        rows=sum(table.rows for table in tables),
        sources=sorted({table.schema for table in tables}),
        notes=[
            *(f"{table.file} has columns and no rows" for table in tables if not table.rows),
            *(
                f"{table.file}: {table.marked} values held a NUL byte, kept as \ufffd"
                for table in tables
                if table.marked
            ),
            *(
                f"{name}: cut by PostgreSQL: {', '.join(short.values())}"
                for name, short in cut.items()
                if short
            ),
        ],
    )


def check_file(file: RawFile) -> CheckedFile:
    """Read what a file is.

    Raises:
        InputError: it cannot be taken; says where and why.
    """
    try:
        if file.format == "csv":
            header = check_csv(file)
            return CheckedFile(file, dict.fromkeys(header.names, "VARCHAR"), header)
        return CheckedFile(file, check_typed(file), None)
    except OSError as error:
        raise file.refused(f"cannot be read: {error.strerror}.", "Give it read permission.") from None


def cut_names(good: CheckedFile) -> dict[str, str]:
    """Column → the name under which PostgreSQL keeps it, for those that it cuts.

    Raises:
        InputError: two columns would become one.
    """
    kept = {name: name.encode()[:POSTGRES_NAME].decode(errors="ignore") for name in good.types}
    if len(set(kept.values())) < len(kept):
        repeated = next(name for name, count in Counter(kept.values()).items() if count > 1)
        raise good.file.refused(
            f"PostgreSQL keeps {POSTGRES_NAME} bytes of a name, and then two columns are `{repeated}`.",
            "Give one of them a shorter name.",
            1,
        )
    return {name: short for name, short in kept.items() if short != name}


def _load(
    connection: Connection, good: CheckedFile, existing: dict[str, str] | None, cut: dict[str, str]
) -> LoadedTable:
    file = good.file
    if existing:
        whole = {short: name for name, short in cut.items()}
        existing = {whole.get(name, name): kind for name, kind in existing.items()}
    chosen, added = fit(good.types, existing) if existing else (None, {})
    for name, kind in added.items():
        connection.add_column(file.schema, file.table, name, sql_type(plain_type(kind)))
    rows, marked = _ingest(connection, good, chosen, cut, append=bool(existing))
    note_marked(connection, file.schema, file.table, marked, added=bool(existing))
    return LoadedTable(
        schema=file.schema,
        table=file.table,
        file=file.name,
        rows=rows,
        columns=len(good.types),
        appended=bool(existing),
        added=list(added),
        marked=marked,
    )


def note_replaced(connection: Connection, files: Sequence[RawFile]) -> None:
    """Tell the next build that these tables may hold other values under the load times that it knows."""
    if not files:
        return
    values = ", ".join(f"('{file.schema}', '{file.table}')" for file in files)
    connection.make_table("ops", REPLACED, {"schema_name": "text", "table_name": "text"})
    connection.execute(f"insert into ops.{REPLACED} values {values}")


def plain_type(kind: str) -> str:
    """The type that `plain` gives a column of this type."""
    with duckdb.connect() as reader:
        value = plain(f"cast(null as {kind})", kind)
        (found,) = reader.execute(f"select typeof({value})").fetchall()
    return str(found[0])


def _ingest(
    connection: Connection,
    good: CheckedFile,
    chosen: list[str] | None,
    cut: dict[str, str],
    *,
    append: bool,
) -> tuple[int, int]:
    """Write the file's rows: how many, and how many values held a NUL.

    What its reading raises is told as the file's fault, not the warehouse's.
    """
    failures: list[InputError] = []
    marked: list[int] = []
    with duckdb.connect() as reader:
        try:
            stream = _stream(reader, good, chosen)
        except duckdb.Error:
            raise _unfit(good.file) from None
        schema = pa.schema([field.with_name(cut.get(field.name, field.name)) for field in stream.schema])
        batches = _guard(stream, schema, good.file, failures, marked)
        guarded = pa.RecordBatchReader.from_batches(schema, batches)
        try:
            rows = connection.ingest(good.file.schema, good.file.table, guarded, append=append)
        except Exception:
            if failures:
                raise failures[0] from None
            raise
    return rows, sum(marked)


def _stream(
    reader: duckdb.DuckDBPyConnection, good: CheckedFile, chosen: list[str] | None
) -> pa.RecordBatchReader:
    if good.header is None:
        columns = ", ".join(chosen or as_it_is(good.types))
        return stream_query(reader, f"select {columns} from {relation(good.file)}")
    rows = stream_csv(good.file, good.header)
    if chosen is None:
        return rows
    reader.register("rows_of_file", rows)
    return stream_query(reader, f"select {', '.join(chosen)} from rows_of_file")


def _guard(
    stream: pa.RecordBatchReader,
    schema: pa.Schema,
    file: RawFile,
    failures: list[InputError],
    marked: list[int],
) -> Iterator[pa.RecordBatch]:
    """The batches under the schema's names, at least one, so that a table without rows is made too."""
    seen = False
    try:
        for batch in stream:
            seen = True
            clean, held = mark_nul(batch)
            marked.append(held)
            yield clean.rename_columns(schema.names)
        if not seen:
            yield pa.RecordBatch.from_pylist([], schema)
    except InputError as error:
        failures.append(error)
        raise
    except (duckdb.Error, pa.ArrowException, OSError):
        failures.append(_unfit(file))
        raise


def _unfit(file: RawFile) -> InputError:
    return file.refused(
        "holds a value that does not fit the type of its column, or it changed while it was read.",
        "Mend the value, or load without --append to replace the table.",
    )
