"""Names and types as Spark SQL writes them."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
}


def quote(name: str) -> str:
    """An identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"


def qualified(schema: str, table: str) -> str:
    """A quoted table."""
    return f"{quote(schema)}.{quote(table)}"


def literal(text: str) -> str:
    """A string literal."""
    return exp.Literal.string(text).sql(dialect="spark")


def type_name(kind: pa.DataType) -> str:
    """Spark's type for an Arrow type."""
    if kind in _TYPES:
        return _TYPES[kind]
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz else "timestamp_ntz"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "binary"
    return "string"


def sql_type(kind: str) -> str:
    """Spark's type for sqlglot's name of one; a `timestamp` has no zone."""
    return str(exp.DataType.build(kind, dialect="duckdb").sql(dialect="spark"))


def arrow_type(kind: pa.DataType) -> pa.DataType:
    """The Arrow type in which a column of this type comes back: times in UTC without a zone."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view():
        return pa.binary()
    if kind in (pa.large_string(), pa.string_view()):
        return pa.string()
    return kind
