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


@dataclass(frozen=True)
class _Found:
    """A raw table as the warehouse has it: its name and its columns with their types."""

    name: str
    columns: Mapping[str, str]

    def has(self, column: str) -> bool:
        return column.lower() in {name.lower() for name in self.columns}


class _Schema:
    """A source's tables as the warehouse has them."""

    def __init__(self, source: DeclaredSource, connection: Connection) -> None:
        self._source = source
        self._connection = connection
        self.tables = {name.lower(): name for name in connection.tables(source.schema)}

    def find(self, names: Sequence[str]) -> _Found | None:
        """The first of these tables that is there."""
        actual = next((self.tables[name.lower()] for name in names if name.lower() in self.tables), None)
        if actual is None:
            return None
        return _Found(actual, self._connection.columns(self._source.schema, actual) or {})

    def is_nested(self, table: DeclaredTable) -> bool:
        """Whether it is read out of another one's JSON."""
        if table.nested is None:
            return False
        name, column = table.nested
        outer = next((found for found in self._source.tables if found.name == name), None)
        found = self.find(outer.names if outer else [name])
        if found is None:
            return outer is not None and self.is_nested(outer)
        return found.has(column)


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
    schema = _Schema(source, connection)
    if not schema.tables:
        problem = _absent_schema(source, connection)
        return SourceCheck(source.name, source.schema, True, 0, len(source.tables), (problem,), ())
    problems: list[str] = []
    absences: list[str] = []
    present = 0
    for table in source.tables:
        found = schema.find(table.names)
        if found is None and not schema.is_nested(table):
            _note_table(source, table, problems, absences)
            continue
        present += 1
        if found is not None:
            _note_columns(source, table, found, problems, absences)
            _note_load_time(source, found, problems, absences)
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
            f"{source.name}  required table `{source.schema}.{table.names[0]}` is absent. "
            f"If your loader named it otherwise: vars.{source.name}.tables.{table.name}: <its name>"
        )
    else:
        absences.append(f"{table.name} absent: counts as empty")


def _note_columns(
    source: DeclaredSource, table: DeclaredTable, found: _Found, problems: list[str], absences: list[str]
) -> None:
    absent = [column for column in table.columns if not any(map(found.has, column.names))]
    optional = [column.name for column in absent if not column.required]
    if optional:
        absences.append(f"{table.name} without {', '.join(optional)}: counts as null")
    for column in absent:
        if column.required:
            problems.append(_absent_column(source, table, column, found))


def _absent_column(
    source: DeclaredSource, table: DeclaredTable, column: DeclaredColumn, found: _Found
) -> str:
    near = difflib.get_close_matches(column.name, list(found.columns), 1)
    nearest = f" Nearest: `{near[0]}`." if near else ""
    return (
        f"{source.name}  required column `{table.name}.{column.name}` is absent from "
        f"`{source.schema}.{found.name}`.{nearest} "
        f"If your loader renamed it: vars.{source.name}.columns.{table.name}.{column.name}: <its name>"
    )


def _note_load_time(source: DeclaredSource, found: _Found, problems: list[str], absences: list[str]) -> None:
    """No column says when a row was loaded: where another loader's does, the wrong one is declared."""
    if any(map(found.has, source.load_times)):
        return
    absent = (
        f"`{source.schema}.{found.name}` has no {' or '.join(source.load_times)}, "
        f"by which the loader `{source.loader}` says when a row was loaded"
    )
    other = next(filter(found.has, source.other_loaders), None)
    if other:
        problems.append(
            f"{source.name}  {absent}; it has `{other}`. Name its loader: "
            f"vars.{source.name}.loader: {source.other_loaders[other]}"
        )
    else:
        absences.append(
            f"{absent}: each build reads it whole, and it is never late. If the loader is another: "
            f"vars.{source.name}.loader; if the column is: vars.{source.name}.system_columns.loaded_at"
        )
