"""The sources' declarations: models/staging/<source>/_<source>__sources.yml with the variables on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from kith.sources.variables import check_variables
from reverse_etl.config.problems import refuse
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings


@dataclass(frozen=True)
class DeclaredColumn:
    """A column that staging reads.

    Attributes:
        names: the names under which a loader may have written it, the first found counts.
    """

    name: str
    required: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class DeclaredTable:
    """A raw table that staging reads.

    Attributes:
        names: the names that it may have in the warehouse, the first found counts.
        nested: the table and its JSON column out of which it is read where there is none of these names.
        late_after: how old its last load may be; None for a table that does not move daily.
    """

    name: str
    names: tuple[str, ...]
    required: bool
    description: str
    columns: tuple[DeclaredColumn, ...]
    nested: tuple[str, str] | None = None
    late_after: timedelta | None = None


@dataclass(frozen=True)
class DeclaredSource:
    """A source as declared: on or off, where, by which loader, with which tables.

    Attributes:
        load_times: the columns of which one says when a row was loaded.
        other_loaders: a column that some other loader writes for that → this loader.
    """

    name: str
    enabled: bool
    schema: str
    loader: str
    tables: tuple[DeclaredTable, ...]
    load_times: tuple[str, ...]
    other_loaders: Mapping[str, str]


def read_sources(settings: Settings, overrides: Mapping[str, Any] | None = None) -> list[DeclaredSource]:
    """Every declared source, in order of name.

    Args:
        settings: where the dbt project is.
        overrides: dbt variables that go over the project's.

    Raises:
        ConfigurationError: a declaration is no YAML.
        UsageError: a variable of dbt_project.yml, or one that was given, is wrong; says file and line.
    """
    files = sorted((settings.dbt_project / "models" / "staging").glob("*/_*__sources.yml"))
    declared = {
        str(document["name"]): document for file in files for document in read_yaml(file).get("sources", [])
    }
    refuse(check_variables(settings, declared, overrides or {}))
    variables = {**project_variables(settings.dbt_project), **(overrides or {})}
    load_times = {
        loader: _load_times(columns) for loader, columns in _mapping(variables.get("loaders")).items()
    }
    return [
        _source(document, _mapping(variables.get(name)), load_times) for name, document in declared.items()
    ]


def project_variables(dbt_project: Path) -> dict[str, Any]:
    """The variables of dbt_project.yml under `vars: kith:`."""
    declared = _mapping(read_yaml(dbt_project / "dbt_project.yml").get("vars"))
    return _mapping(declared.get("kith"))


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping.

    Raises:
        ConfigurationError: the file is no YAML mapping; says the line.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}  is no YAML: {error.problem}.", "Mend that line.") from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path}:1  holds no YAML mapping.", "Restore the file.")
    return document


def _source(
    document: Mapping[str, Any], variable: Mapping[str, Any], load_times: Mapping[str, tuple[str, ...]]
) -> DeclaredSource:
    name = str(document["name"])
    loader = str(variable.get("loader") or document.get("loader") or "")
    own = _load_times(_mapping(variable.get("system_columns")))
    return DeclaredSource(
        name=name,
        enabled=bool(variable.get("enabled", True)),
        schema=str(variable.get("schema") or name),
        loader=loader,
        tables=tuple(_table(table, variable) for table in document.get("tables", [])),
        load_times=own or load_times.get(loader, ()),
        # A plain name, such as updated_at, may be anyone's.
        other_loaders={
            name: other
            for other, names in load_times.items()
            if other != loader and not own
            for name in names
            if name.startswith("_")
        },
    )


def _load_times(columns: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = ("loaded_at", "loaded_epoch", "loaded_micros")
    return tuple(str(name) for kind in kinds for name in columns.get(kind) or ())


def _table(table: Mapping[str, Any], variable: Mapping[str, Any]) -> DeclaredTable:
    name = str(table["name"])
    renamed = _mapping(_mapping(variable.get("columns")).get(name))
    actual = _mapping(variable.get("tables")).get(name)
    meta = _meta(table)
    nested = _mapping(meta.get("nested"))
    return DeclaredTable(
        name=name,
        names=(str(actual),) if actual else (name, *map(str, meta.get("aliases", ()))),
        required=bool(meta.get("required", False)),
        description=str(table.get("description", "")),
        columns=tuple(_column(column, renamed) for column in table.get("columns", [])),
        nested=(str(nested["in"]), str(nested["column"])) if nested else None,
        late_after=_late_after(table),
    )


def _late_after(table: Mapping[str, Any]) -> timedelta | None:
    limit = _mapping(_mapping(_mapping(table.get("config")).get("freshness")).get("warn_after"))
    return timedelta(**{f"{limit['period']}s": int(limit["count"])}) if limit else None


def _column(column: Mapping[str, Any], renamed: Mapping[str, Any]) -> DeclaredColumn:
    name = str(column["name"])
    meta = _meta(column)
    names = (str(renamed[name]),) if name in renamed else (name, *map(str, meta.get("aliases", ())))
    # A loader that does not flatten leaves it inside a JSON column.
    names += tuple(str(key) for key in meta.get("inside", ())[:1])
    return DeclaredColumn(name, bool(meta.get("required", False)), names)


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return _mapping(_mapping(node.get("config")).get("meta"))


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
