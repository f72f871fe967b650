"""The gate's numbers, computed in the warehouse in one pass; no row leaves it."""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.config.problems import nearest
from reverse_etl.errors import ConfigurationError
from reverse_etl.gate.report import GateSpec
from reverse_etl.warehouse import Connection

SCHEMA = "activation"


def measure(connection: Connection, spec: GateSpec, dialect: str) -> dict[str, int]:
    """Rows, rows without each required column, and rows too many of each match key.

    Raises:
        ConfigurationError: the model or a column is absent.
    """
    names = _require_columns(connection, spec)
    query = exp.select(*(_counts(spec))).from_(exp.table_(spec.model, db=SCHEMA, quoted=True))
    (row,) = connection.execute(query.sql(dialect=dialect, identify=True))
    return dict(zip(names, (int(value or 0) for value in row), strict=True))


def _counts(spec: GateSpec) -> list[exp.Expression]:
    missing = [exp.Sub(this=_count_all(), expression=_count(column)) for column in spec.not_null]
    repeated = [
        exp.Sub(this=_count(column), expression=_count(column, distinct=True)) for column in spec.unique
    ]
    return [_count_all(), *missing, *repeated]


def _count_all() -> exp.Expression:
    return exp.Count(this=exp.Star())


def _count(column: str, *, distinct: bool = False) -> exp.Expression:
    name = exp.column(column, quoted=True)
    return exp.Count(this=exp.Distinct(expressions=[name]) if distinct else name)


def _require_columns(connection: Connection, spec: GateSpec) -> list[str]:
    """The measures' names, once the model and its columns are known to exist."""
    columns = connection.columns(SCHEMA, spec.model)
    if columns is None:
        raise ConfigurationError(
            f"{SCHEMA}.{spec.model} does not exist.",
            "Build it first: `kith build`, or mend the sync's `model`.",
        )
    for column in (*spec.not_null, *spec.unique):
        if column not in columns:
            hint = nearest(column, columns).strip()
            raise ConfigurationError(f"{SCHEMA}.{spec.model} has no column `{column}`.", hint)
    return [
        "rows",
        *(f"null_{column}" for column in spec.not_null),
        *(f"duplicate_{column}" for column in spec.unique),
    ]
