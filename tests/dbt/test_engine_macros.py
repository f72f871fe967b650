"""Where engines differ there is a macro: each gives the same on three engines, value by value."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.spark import server
from scripts.engine_macros import differences
from tests.conftest import make_settings
from tests.support.macros import compiled
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.build

# Of `samples`: written, other and tag are texts, moment and later times, whole an integer, amount a float.
EACH_ROW = {
    "try_cast": [
        "try_cast_integer('written')",
        "try_cast_boolean('written')",
        "try_cast_boolean(as_text('amount - amount'))",
        "try_cast_boolean(as_text('amount - amount + 1'))",
    ],
    "number_text": ["try_cast_number('written')", "try_cast_money('written')"],
    "try_cast_decimal": ["try_cast_decimal('amount', 'number')", "try_cast_decimal('amount', 'money')"],
    "zoned_text_to_utc": ["try_cast_timestamp('written')", "try_cast_date('written')"],
    "epoch_to_utc": ["epoch_to_utc('number * 86399.5')"],
    "micros_to_utc": ["micros_to_utc('whole')"],
    "is_json": ["one_where(is_json('written'))"],
    "json_get": [f"json_get('written', {path})" for path in (["a"], ["list", 1], ["in", "b"])],
    "json_param": ["json_param('written', 'page')", "json_param('written', 'value')"],
    "same": ["same('written', 'other')"],
    "text_literal": [r"""text_literal("it's 'so' \\ \\n ñ")"""],
    "integer_text": ["integer_text('whole')"],
    "trimmed": ["trimmed('written')"],
    "regexp_like": ["regexp_like('written', '^[a-z]+[.]?$')", "regexp_like('written', '[0-9]{2,}')"],
    "regexp_replace": ["regexp_replace('written', '[0-9]+', '#')", "single_blanks('written')"],
    "group_reference": ["regexp_replace('written', '([a-z])([0-9])', group_reference(2))"],
    "regexp_extract": ["regexp_extract('written', '([0-9]+)')", "regexp_extract('written', '^(x*)')"],
    "split_part": ["split_part('written', '@', 1)", "split_part('written', '@', 2)"],
    "md5_hex": ["md5_hex('written')"],
    "iso_text": ["iso_text('moment')"],
    "seconds_between": ["seconds_between('moment', 'later')", "seconds_between('later', 'moment')"],
    "days_between": ["days_between('moment', 'later')", "days_between('later', 'moment')"],
    "add_time": [f"add_time('moment', {n}, '{u}')" for n in (1, -40) for u in ("second", "minute", "day")],
    "has_controls": ["one_where(has_controls('written'))"],
    "without_controls": ["json_text('written')", "json_escaped('written')"],
}
GROUPS = {
    "bytewise": ["string_agg('written', '|')"],
    "string_agg": ["string_agg('written', '|', 'other')"],
    "string_agg_distinct": ["string_agg_distinct('other', '|')"],
    "latest_value": [
        "latest_value('written', 'moment', 'other')", "latest_value('moment', 'later', 'other', 'timestamp')",
        "latest_value('whole', 'moment', 'written', 'integer')",
    ],
}  # fmt: skip
UNFOLDED = {"json_items": "item", "json_pairs": "name, value"}
# What is no expression: every build makes tables by these, and the comparison of whole builds looks at them.
BY_BUILDS = {
    *("analyze_relation", "delete_matching", "delete_rows", "index_on", "replace_table"),
    *("replace_working_table", "table_format", "working_table_at", "type_of", "is_zoned_type"),
    *("nested_as_text", "zoned_to_utc"),
}
# What no two engines write alike is not among them, and told in docs/engines.md: "JSON within JSON".
TEXTS = [
    "1e3", "-1.5E-2", "+.5", "1.", "1.50", "1.23455", "00012", "9" * 39, "NaN", "Infinity", "0x10", "1,5",
    "1_000", "3.7", "3.000", "-0", "9223372036854775808", "1e400", "1e-400", "", "2026-11-20",
    "2026-11-20T09:00:00Z", "2026-11-20 9:05:07.1234567 UTC", "2026-11-20T09:00:00.5+05:30",
    "2026-11-20T09:00:00 -0230", "2026-02-30", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59.999999Z",
    "2024-02-29T24:00:00Z", "10000-01-01", '{"a": 1, "in": {"b": "x"}}', '{"a": true}', '{"a":', "[]",
    '{"a": null, "list": [1, "two", null]}',
    '{"a": "it\'s \\"so\\" \\u00f1 \\n"}', '["x", 2, 2.5, null, "ñ"]',
    '{"x": "1", "y": 2, "z": null, "w": [1], "v": "ñ"}', '"text"', "12", "null", '{"a": "1.50"}',
    '[{"key": "page", "value": {"string_value": "/a"}}, {"key": "value", "value": {"int_value": 12}}]',
    '{"a": 12345678901234567890}', '{"a": 0.1}', '{"a": -0.5}', '{"b": "", "a": ""}', " \t both \n",
    "a\u00a0b", "a  b\tc", "abc", "abc.", "Abc", "a1b22c", "x", "xx1", "ana@example.com", "@", "a@b@c",
    "it's", 'say "so"', "back\\slash", "ñandú", "Ñ", "z", "Z", "_", "-", "é", "e\u0301", "漢字", "🙂",
    "a\u0001b\u001f", "line\nbreak", "%", "50%_", "$1", "\\1", "true", "Yes", "0",
    "1.0", "0.0", "-0.0", "1.00", "0.", "1.01", "0.0x", "10.0",
]  # fmt: skip
START = datetime(2026, 11, 20, 23, 59, 59, 999999)
Rows = list[tuple[Any, ...]]
Ask = Callable[[str], dict[str, Rows]]


def samples() -> pa.Table:
    """A row a text, and one of nulls; tags put them into groups."""
    rows = [
        {
            "number": number,
            "tag": f"tag {number % 7}",
            "written": written,
            "other": TEXTS[(number * 5) % len(TEXTS)],
            "moment": START + timedelta(microseconds=number % 3, minutes=number * 977 - 40_000),
            "later": START + timedelta(days=number % 40, microseconds=1),
            "whole": (-1) ** number * 10 ** (number % 16) + number,
            "amount": number / 7 * 10 ** (number % 12 - 4),
        }
        for number, written in enumerate(TEXTS)
    ]
    rows.append({"number": len(TEXTS), "tag": "tag 0"})
    names = ("number", "tag", "written", "other", "moment", "later", "whole", "amount")
    kinds = (pa.int64(), *[pa.string()] * 3, *[pa.timestamp("us")] * 2, pa.int64(), pa.float64())
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(names, kinds, strict=True))))


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Ask]:
    """SQL with macros, over `samples` → each engine's rows."""
    home = tmp_path_factory.mktemp("macros")
    database = postgres_server.new_database(f"macros_{uuid.uuid4().hex}")
    engines: dict[str, Settings] = {
        "duckdb": make_settings(home / "duckdb", "duckdb"),
        "postgres": make_settings(home / "postgres", "postgres", database),
        "spark": make_settings(home / "spark", "spark"),
    }
    for settings in engines.values():
        with open_warehouse(settings).connect() as connection:
            connection.ingest("macros", "samples", samples().to_reader(), append=False)

    def rows(sql: str) -> dict[str, Rows]:
        found = {}
        for name, settings in engines.items():
            query = compiled(settings, sql)
            with open_warehouse(settings).connect() as connection:
                found[name] = [tuple(map(_plain, row)) for row in connection.execute(query)]
        return found

    yield rows
    server.leave(home / "spark" / "spark")


def differing(found: dict[str, Rows], names: list[str]) -> list[str]:
    """What another engine says otherwise than DuckDB, with the row's key."""
    told = []
    for engine in ("postgres", "spark"):
        assert len(found[engine]) == len(found["duckdb"]), engine
        for one, other in zip(found["duckdb"], found[engine], strict=True):
            told += [
                f"{engine} {name} of {_sample(one[0])!r}: {b!r}, not {a!r}"
                for name, a, b in zip(names, one[1:], other[1:], strict=True)
                if a != b or type(a) is not type(b)
            ]
    return told


def _plain(value: Any) -> Any:
    """PostgreSQL's driver gives decimals as text."""
    return format(value, "f") if isinstance(value, Decimal) else value


def _sample(key: Any) -> Any:
    return (TEXTS[key] if key < len(TEXTS) else None) if isinstance(key, int) else key


def calls(of: dict[str, list[str]]) -> list[str]:
    return [call for each in of.values() for call in each]


def in_sql(call: str) -> str:
    """The call as a column; `one_where` of a condition is 1 where it holds."""
    condition = re.fullmatch(r"one_where\((.*)\)", call)
    named = (condition[1] if condition else call).replace(" group_", " kith.group_")
    value = f"{{{{ kith.{named} }}}}"
    return f"case when {value} then 1 end" if condition else value


def test_what_a_macro_makes_of_a_value_is_the_same_on_three_engines(ask: Ask) -> None:
    chosen = ", ".join(map(in_sql, calls(EACH_ROW)))
    found = ask(f"select number, {chosen} from macros.samples order by number")
    assert differing(found, calls(EACH_ROW)) == []


def test_what_a_macro_makes_of_a_group_is_the_same_on_three_engines(ask: Ask) -> None:
    chosen = ", ".join(map(in_sql, calls(GROUPS)))
    found = ask(f"select tag, {chosen} from macros.samples group by tag order by tag")
    assert differing(found, calls(GROUPS)) == []


@pytest.mark.parametrize("name", UNFOLDED)
def test_json_unfolds_into_the_same_rows_on_three_engines(ask: Ask, name: str) -> None:
    columns = UNFOLDED[name]
    found = ask(
        "with samples as (select number, written from macros.samples) "
        f"select number, {columns} from ({{{{ kith.{name}('samples', 'written') }}}}) as unfolded"
    )
    scalars = {
        engine: sorted((row for row in rows if str(row[-1])[:1] not in "{["), key=repr)
        for engine, rows in found.items()
    }
    assert scalars["duckdb"]
    assert scalars["postgres"] == scalars["duckdb"]
    assert scalars["spark"] == scalars["duckdb"]


def test_every_macro_that_differs_is_in_one_of_these_or_made_tables_by() -> None:
    assert {*EACH_ROW, *GROUPS, *UNFOLDED, *BY_BUILDS} >= {one.name for one in differences()}
