"""Holds each declared source against the warehouse: what is there, what is absent, what that means."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kith.sources.declarations import DeclaredColumn, DeclaredSource, DeclaredTable, read_sources
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse


@dataclass(frozen=True)
class SourceCheck:
    """One source held against the warehouse.

    Attributes:
        enabled: a source that is off is not looked at.
        tables_present: how many of its declared tables there are.
        problems: what stops a build, each with its mend.
        absences: optional tables and columns that are absent and count as empty or null.
    """

    source: str
    schema: str
    enabled: bool
    tables_present: int
    tables_declared: int
    problems: tuple[str, ...]
    absences: tuple[str, ...]


def check_sources(settings: Settings, overrides: Mapping[str, Any] | None = None) -> list[SourceCheck]:
    """Every declared source against the warehouse, by its catalog alone."""
    sources = read_sources(settings, overrides)
    with open_warehouse(settings).connect() as connection:
        return [_check(source, connection) for source in sources]


def require_sources(checks: Sequence[SourceCheck]) -> None:
    """Raise what stops a build.

    Raises:
        ConfigurationError: a required table or column is absent, or no source is on. Nothing was changed.
    """
    problems = [problem for check in checks for problem in check.problems]
    if problems:
        raise ConfigurationError("\n".join(problems), "Nothing was built. `kith doctor` shows every source.")
    if not any(check.enabled for check in checks):
        raise ConfigurationError(
            "Every source is switched off.", "Switch one on: dbt_project.yml, vars.kith."
        )


def _check(source: DeclaredSource, connection: Connection) -> SourceCheck:
    if not source.enabled:
        return SourceCheck(source.name, source.schema, False, 0, len(source.tables), (), ())
    existing = {name.lower(): name for name in connection.tables(source.schema)}
    if not existing:
        problem = _absent_schema(source, connection)
        return SourceCheck(source.name, source.schema, True, 0, len(source.tables), (problem,), ())
    problems: list[str] = []
    absences: list[str] = []
    present = 0
    for table in source.tables:
        actual = existing.get(table.actual.lower())
        if actual is None:
            _note_table(source, table, problems, absences)
            continue
        present += 1
        _note_columns(source, table, connection.columns(source.schema, actual) or {}, problems, absences)
    if present == 0:
        problems.append(
            f"{source.name}  none of its tables is in the schema `{source.schema}`. "
            f"Locate them (vars.{source.name}.schema), or switch it off (vars.{source.name}.enabled: false)."
        )
    return SourceCheck(
        source.name, source.schema, True, present, len(source.tables), tuple(problems), tuple(absences)
    )


def _absent_schema(source: DeclaredSource, connection: Connection) -> str:
    schemas = [
        str(row[0]) for row in connection.execute("select schema_name from information_schema.schemata")
    ]
    near = difflib.get_close_matches(source.schema, schemas, 1)
    nearest = f" Nearest: `{near[0]}`." if near and near[0] != source.schema else ""
    return (
        f"{source.name}  the schema `{source.schema}` is absent or empty.{nearest} "
        f"Load it, locate it (vars.{source.name}.schema), "
        f"or switch it off (vars.{source.name}.enabled: false)."
    )


def _note_table(
    source: DeclaredSource, table: DeclaredTable, problems: list[str], absences: list[str]
) -> None:
    if table.required:
        problems.append(
            f"{source.name}  required table `{source.schema}.{table.actual}` is absent. "
            f"If your loader named it otherwise: vars.{source.name}.tables.{table.name}: <its name>"
        )
    else:
        absences.append(f"{table.name} absent: counts as empty")


def _note_columns(
    source: DeclaredSource,
    table: DeclaredTable,
    actual: Mapping[str, str],
    problems: list[str],
    absences: list[str],
) -> None:
    found = {name.lower() for name in actual}
    absent = [column for column in table.columns if not any(name.lower() in found for name in column.names)]
    optional = [column.name for column in absent if not column.required]
    if optional:
        absences.append(f"{table.name} without {', '.join(optional)}: counts as null")
    for column in absent:
        if column.required:
            problems.append(_absent_column(source, table, column, actual))


def _absent_column(
    source: DeclaredSource, table: DeclaredTable, column: DeclaredColumn, actual: Mapping[str, str]
) -> str:
    near = difflib.get_close_matches(column.name, list(actual), 1)
    nearest = f" Nearest: `{near[0]}`." if near else ""
    return (
        f"{source.name}  required column `{table.name}.{column.name}` is absent from "
        f"`{source.schema}.{table.actual}`.{nearest} "
        f"If your loader renamed it: vars.{source.name}.columns.{table.name}.{column.name}: <its name>"
    )
