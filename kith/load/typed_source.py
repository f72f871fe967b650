"""Parquet and JSON lines as streams of columns of the few types that every engine has."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa

from kith.load.files import RawFile

Types = dict[str, str]

_PLAIN = {
    "BOOLEAN",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "VARCHAR",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "BLOB",
}
_WIDENED = {
    "TINYINT": "SMALLINT",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
    "UHUGEINT": "DECIMAL(38,0)",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
}


def check_typed(file: RawFile) -> Types:
    """Column → DuckDB's type, as it will be loaded.

    Raises:
        InputError: empty, no Parquet, or a JSON line that is broken; with the line.
    """
    if file.path.stat().st_size == 0:
        raise file.refused("is empty.", "Take the file away, or write it again.")
    with duckdb.connect() as reader:
        try:
            # JSON lines are read through to learn their types, which also finds a broken one.
            found = reader.execute(f"describe select * from {relation(file)}").fetchall()
        except duckdb.Error:
            raise _refused(file) from None
    return {str(name): str(kind) for name, kind, *_ in found}


def is_plain(kind: str) -> bool:
    """Whether every engine has the type."""
    return kind in _PLAIN or kind.startswith("DECIMAL")


def plain(column: str, kind: str) -> str:
    """The column as a type that every engine has; nested values become JSON text."""
    if is_plain(kind):
        return column
    if kind in _WIDENED:
        return f"cast({column} as {_WIDENED[kind]})"
    if kind == "JSON":
        return f"{column} ->> '$'"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def stream_query(reader: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    """The query's rows in batches."""
    reader.execute("set TimeZone = 'UTC'")
    stream: pa.RecordBatchReader = reader.sql(sql).to_arrow_reader(50_000)
    return stream


def relation(file: RawFile) -> str:
    """The file as DuckDB reads it in `from`."""
    path = "'" + str(file.path).replace("'", "''") + "'"
    if file.format == "parquet":
        return f"read_parquet({path})"
    return (
        f"read_json({path}, format = 'newline_delimited', records = true, sample_size = -1, "
        "maximum_object_size = 67108864)"
    )


def _refused(file: RawFile) -> Exception:
    if file.format == "parquet":
        return file.refused("is no Parquet file, or is damaged.", "Write it again.")
    return _broken_line(file)


def _broken_line(file: RawFile) -> Exception:
    """The first line that is no JSON object."""
    number = 0
    with file.path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                value = json.loads(line) if line.strip() else {}
            except (ValueError, RecursionError):
                return file.refused("is no JSON.", "Write one JSON object a line.", number)
            if not isinstance(value, dict):
                return file.refused("is no JSON object.", "Write one JSON object a line.", number)
    return file.refused("is no JSON lines that can be read.", "Write one JSON object a line.", number)
