"""The project's SQL in the words of any engine, without dbt's parse and without a connection.

dbt's own Jinja renders the project's own macros and models; what an adapter would answer, this does: the
prefixes by which `adapter.dispatch` looks for a macro, the quotes, and raw tables with every declared column.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytz
import sqlglot
import yaml

from kith.demo.sources import ROOMS, switched_on
from reverse_etl.settings import PACKAGE_ROOT

PROJECT = PACKAGE_ROOT / "dbt_project"
# As the adapters themselves say: engine → prefixes in the order in which dispatch tries them.
PREFIXES = {
    "duckdb": ("duckdb", "default"),
    "postgres": ("postgres", "default"),
    "spark": ("spark", "default"),
    "snowflake": ("snowflake", "default"),
    "bigquery": ("bigquery", "default"),
    "databricks": ("databricks", "spark", "default"),
    "redshift": ("redshift", "postgres", "default"),
}
BACKTICKS = ("spark", "databricks", "bigquery")
# Kith's kind → the type of a raw column as a catalog has it; every second column is text.
NATIVE = {
    "text": "text",
    "timestamp": "timestamp",
    "date": "date",
    "money": "decimal(18, 2)",
    "number": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "json": "json",
}
NOW = datetime.datetime(2026, 11, 20, 9, tzinfo=datetime.UTC)


class Relation(SimpleNamespace):
    """A table's name, quoted as the engine does."""

    def __str__(self) -> str:
        return ".".join(f"{self.sign}{name}{self.sign}" for name in (self.schema, self.identifier))

    def incorporate(self, path: Mapping[str, str] | None = None, type: str = "table") -> Relation:
        return Relation(**{**vars(self), **(path or {}), "type": type})


class Dialect:
    """The project as one engine reads it."""

    def __init__(self, engine: str) -> None:
        from dbt_common.clients.jinja import get_environment

        self.engine = engine
        self.sign = "`" if engine in BACKTICKS else '"'
        self.environment = get_environment(None)
        self.declared = {**declared_variables(), **switched_on(tuple(ROOMS))}
        self.sources = declared_sources()
        self.macros: dict[str, Callable[..., Any]] = {}
        self.context = self._context()
        for file in sorted((PROJECT / "macros").rglob("*.sql")):
            module = self.environment.from_string(file.read_text(encoding="utf-8")).make_module(self.context)
            for name, macro in vars(module).items():
                if name.startswith("dbt_macro__"):
                    self.macros[name.removeprefix("dbt_macro__")] = _returning(macro)
        self.context.update({name: macro for name, macro in self.macros.items() if name not in self.context})

    def render(self, text: str) -> str:
        """SQL with its macros, in the engine's words."""
        return str(self.environment.from_string(text).render(self.context))

    def dispatch(self, name: str, package: str = "kith") -> Callable[..., Any]:
        """The engine's form of a macro; dbt's own are none of the project's, and stand for nothing here."""
        found = (self.macros.get(f"{prefix}__{name}") for prefix in PREFIXES[self.engine])
        return next(macro for macro in found if macro)

    def _context(self) -> dict[str, Any]:
        kith = _Macros(self.macros)
        adapter = SimpleNamespace(
            dispatch=self.dispatch,
            quote=lambda name: f"{self.sign}{name}{self.sign}",
            get_relation=lambda database, schema, identifier: self.relation(schema, identifier),
            get_columns_in_relation=self.raw_columns,
            check_schema_exists=lambda database, schema: True,
        )
        return {
            "kith": kith,
            "adapter": adapter,
            "api": SimpleNamespace(Relation=SimpleNamespace(create=self._created)),
            "builtins": SimpleNamespace(source=self.source),
            "config": lambda *_, **__: "",
            "do": lambda *_: "",
            "env_var": lambda name, default="": default,
            "exceptions": SimpleNamespace(raise_compiler_error=_raise),
            "execute": True,
            "flags": SimpleNamespace(WHICH="compile"),
            "graph": SimpleNamespace(sources=self.sources, nodes={}),
            "is_incremental": lambda: True,
            "log": lambda *_, **__: "",
            "modules": SimpleNamespace(datetime=datetime, pytz=pytz, re=re),
            "ref": lambda name: self.relation("kith", name),
            "return": _return,
            "run_started_at": NOW,
            "source": self.source,
            "target": SimpleNamespace(database=None, schema="marts", type=self.engine, name=self.engine),
            "this": self.relation("kith", "this_table"),
            "var": lambda name, default=None: self.declared.get(name, default),
        }

    def relation(self, schema: str, identifier: str) -> Relation:
        return Relation(database=None, schema=schema, identifier=identifier, type="table", sign=self.sign)

    def source(self, source_name: str, table_name: str) -> Relation:
        return self.relation(source_name, table_name)

    def _created(self, schema: str, identifier: str, **_: Any) -> Relation:
        return self.relation(schema, identifier)

    def raw_columns(self, relation: Relation) -> list[SimpleNamespace]:
        """Every declared column of a raw table, and what its loader adds."""
        node = self.sources.get(f"{relation.schema}.{relation.identifier}")
        columns = {column["name"]: column["data_type"] for column in node.columns.values()} if node else {}
        kinds = {
            name: NATIVE[kind] if place % 2 else "text" for place, (name, kind) in enumerate(columns.items())
        }
        loader = self.macros["loader_columns"](node.loader) if node else {}
        for use, names in loader.items():
            kind = "boolean" if use in ("deleted", "current") else "text" if "epoch" in use else "timestamp"
            kinds.update({name: kind for name in names if "micros" not in use and use != "current"})
        return [SimpleNamespace(name=name, data_type=kind) for name, kind in kinds.items()]


class _Macros:
    """`kith.<macro>`, and `kith[<macro>]`."""

    def __init__(self, macros: dict[str, Callable[..., Any]]) -> None:
        self.__dict__ = macros

    def __getitem__(self, name: str) -> Callable[..., Any]:
        macro: Callable[..., Any] = self.__dict__[name]
        return macro


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def _return(value: Any = None) -> None:
    raise _Returned(value)


def _raise(message: str) -> None:
    raise AssertionError(message)


def _returning(macro: Callable[..., Any]) -> Callable[..., Any]:
    def called(*words: Any, **named: Any) -> Any:
        try:
            return macro(*words, **named)
        except _Returned as returned:
            return returned.value

    return called


@cache
def declared_variables() -> dict[str, Any]:
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    variables: dict[str, Any] = yaml.safe_load(text)["vars"]["kith"]
    return variables


@cache
def declared_sources() -> dict[str, Any]:
    """`source.table` → its declaration, as dbt's graph has it."""
    found: dict[str, Any] = {}
    for file in sorted((PROJECT / "models" / "staging").glob("*/_*__sources.yml")):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                found[f"{source['name']}.{table['name']}"] = SimpleNamespace(
                    source_name=source["name"],
                    name=table["name"],
                    loader=source["loader"],
                    config=table.get("config", {}),
                    meta=table.get("config", {}).get("meta", {}),
                    columns={column["name"]: column for column in table["columns"]},
                )
    return found


def models() -> list[Path]:
    """Every model of the project."""
    return sorted((PROJECT / "models").rglob("*.sql"))


def fault_of(sql: str, engine: str) -> str | None:
    """Why sqlglot takes the SQL for none of the engine's; None when it does."""
    try:
        sqlglot.parse_one(sql, dialect=engine)
    except sqlglot.errors.SqlglotError as error:
        return re.sub(r"\x1b\[\d+m", "", str(error))
    return None
