"""Every model in the words of seven engines, and the list of what differs between them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from reverse_etl.settings import PACKAGE_ROOT
from tests.conftest import LONG
from tests.support.dialects import PREFIXES, PROJECT, Dialect, fault_of, models

# Other tests run every model on the first two.
RENDERED_DAILY = [name for name in PREFIXES if name not in ("duckdb", "postgres")]


@pytest.fixture(scope="module", params=PREFIXES if LONG else RENDERED_DAILY)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return Dialect(request.param)


def test_every_model_is_well_formed_in_the_engine_s_words(dialect: Dialect) -> None:
    faults = {}
    for file in models():
        sql = dialect.render(file.read_text(encoding="utf-8"))
        if fault := fault_of(sql, dialect.engine):
            faults[file.stem] = fault
    assert faults == {}


STATEMENTS: dict[str, Callable[[Dialect], str]] = {
    "a working table": lambda one: one.macros["replace_working_table"](
        one.relation("s", "t"), "select 1 as a"
    ),
    "an audience's table": lambda one: one.macros["create_audience_table"](one.relation("s", "t")),
    "an audience's stays": lambda one: one.macros["select_next_stays"](
        one.relation("s", "t"), "name", "select person_id from s.p"
    ),
    "the nearest label": lambda one: one.macros["select_nearest"](one.relation("s", "t")),
    "a contraction": lambda one: one.macros["select_contracted"](
        one.relation("s", "e"), one.relation("s", "l")
    ),
    "rows of a load": lambda one: one.macros["delete_rows"](
        one.relation("s", "t"), "a in (select a from s.u)", ["a", "b"]
    ),
    "rows of changed keys": lambda one: one.macros["delete_matching"](
        one.relation("s", "t"), one.relation("s", "k"), ["a", "b"]
    ),
    "the rows of keys": lambda one: (
        "select * from "
        + one.macros["rows_of_keys"](one.relation("s", "t"), one.relation("s", "k"), ["a", "b"])
    ),
    "changed records": lambda one: one.macros["select_changed_records"](one.relation("s", "t")),
    "a note of everything": lambda one: one.macros["select_nulls"](["a", "b"]),
    "loads": lambda one: one.macros["select_loads"]("loaded_at", one.relation("s", "t")),
    "loads and deletions": lambda one: one.macros["select_loads"](
        "loaded_at", one.relation("s", "t"), "is_deleted"
    ),
    "rows out of JSON": lambda one: (
        "select * from "
        + one.macros["nested_rows"](
            one.macros["declared_table"]("shopify", "order_line"),
            {"in": "order", "column": "line_items", "path": ["all"]},
            {
                "found": {"line_items": {"name": "line_items", "type": "json"}},
                "rows": one.relation("shopify", "order"),
            },
            {"order_id": {"name": "id", "type": "text"}},
            {"id": [["id"]], "title": [["title"], ["name"]]},
        )
    ),
    "the last reading": lambda one: (
        "select last_note from " + one.macros["last_reading"](one.relation("s", "t"))
    ),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_materialisation_s_statements_are_too(dialect: Dialect, statement: str) -> None:
    assert fault_of(STATEMENTS[statement](dialect), dialect.engine) is None


def test_models_are_rendered_in_full(dialect: Dialect) -> None:
    """So that nothing that stands for a raw table's columns goes by unseen."""
    sql = dialect.render((PROJECT / "models/staging/ga4/base_ga4__events.sql").read_text(encoding="utf-8"))
    for name in ("event_params", "raw_batch_event_index", "repeated_keys", "in the future"):
        assert name in sql
    assert ("`event_timestamp`" in sql) == (dialect.sign == "`")


def test_what_is_no_sql_of_an_engine_is_told() -> None:
    assert fault_of("select a from (select 1 as a union select 2)", "bigquery")
    assert fault_of("select from where", "snowflake")


def test_the_list_of_macros_that_differ_is_current() -> None:
    script = PACKAGE_ROOT / "scripts" / "engine_macros.py"
    checked = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
