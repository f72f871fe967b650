"""What is digested stays as it is, byte for byte: another form would send everything anew."""

from __future__ import annotations

import hashlib

import pytest
from sqlglot import exp

from reverse_etl.config import FieldRule
from reverse_etl.planner import render
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.expressions import column, named

TYPES = "a text, b bigint, c numeric(18, 2), d timestamp, e date, f boolean, g double precision"
ROW = (
    "('q\"uo\\te, 😀', -9007199254740993, 1.5, timestamp '2026-01-02 03:04:05.5', "
    "date '2026-02-03', true, 2.0)"
)
NULLS = "('', null, null, null, null, null, 'NaN')"
PAYLOAD = (
    '{"a":"q\\"uo\\\\te, 😀","b":"-9007199254740993","c":"1.50","d":"2026-01-02T03:04:05.500000Z",'
    '"e":"2026-02-03","f":"true","g":"2"}'
)
EMPTY = '{"b":"","g":"NaN"}'
TEXTS = [
    *('q"uo\\te, 😀', "-9007199254740993", "1.50", "2026-01-02T03:04:05.500000Z"),
    *("2026-02-03", "true", "2"),
]


def test_a_digest_is_that_of_the_payload_in_this_form(any_settings: Settings) -> None:
    warehouse = open_warehouse(any_settings)
    rules = {name: FieldRule.model_validate({"from": name}) for name in "abcdefg"}
    rules["b"] = FieldRule.model_validate({"from": "b", "on_null": "clear"})
    with warehouse.connect() as connection:
        connection.execute(f"create table odd ({TYPES})")
        connection.execute(f"insert into odd values {ROW}, {NULLS}")
        schema = "main" if warehouse.engine == "duckdb" else "public"
        types = connection.columns(schema, "odd") or {}
        texts = [render.text_of(column(name), types[name], warehouse.dialect) for name in rules]
        payload = render.payload(rules, types, texts)
        fields = render.field_digests("salt", list(rules), texts)
        query = exp.select(payload, named(render.digest("salt", payload), "x"), named(fields, "y")).from_(
            "odd"
        )
        rows = sorted(connection.execute(query.sql(dialect=warehouse.dialect)))
    assert [row[0] for row in rows] == [PAYLOAD, EMPTY]
    assert [row[1] for row in rows] == [_md5(f"salt{PAYLOAD}"), _md5(f"salt{EMPTY}")]
    assert rows[0][2] == "".join(
        _md5(f"{render.field_key('salt', name)}{text}")[:8] for name, text in zip(rules, TEXTS, strict=True)
    )
    assert rows[1][2][:8] == _md5(render.field_key("salt", "a"))[:8]


@pytest.mark.parametrize("filled", ["abcdefg", "a", "acdg", "ag", "ab", "bcdefg"])
def test_what_is_known_to_be_filled_makes_the_same_payload(any_settings: Settings, filled: str) -> None:
    warehouse = open_warehouse(any_settings)
    rules = {name: FieldRule.model_validate({"from": name}) for name in "abcdefg"}
    rules["b"] = FieldRule.model_validate({"from": "b", "on_null": "clear"})
    emptied = ", ".join(f"{name} = null" for name in "abcdefg" if name not in filled)
    with warehouse.connect() as connection:
        connection.execute(f"create table odd ({TYPES})")
        connection.execute(f"insert into odd values {ROW}")
        if emptied:
            connection.execute(f"update odd set {emptied}")
            connection.execute(f"insert into odd values {ROW}")
        schema = "main" if warehouse.engine == "duckdb" else "public"
        types = connection.columns(schema, "odd") or {}
        texts = [render.text_of(column(name), types[name], warehouse.dialect) for name in rules]
        query = exp.select(
            render.payload(rules, types, texts, set(filled)), render.payload(rules, types, texts)
        ).from_("odd")
        rows = connection.execute(query.sql(dialect=warehouse.dialect))
    assert all(quick == slow for quick, slow in rows)
    assert PAYLOAD in {quick for quick, _ in rows}


def test_many_fields_are_one_object_without_those_that_are_null(any_settings: Settings) -> None:
    warehouse = open_warehouse(any_settings)
    rules = {f"f{n}": FieldRule.model_validate({"from": "a"}) for n in range(120)}
    # All of the first fifty are null, and every other one after them.
    texts = [exp.cast(exp.Null() if n < 50 or n % 2 else exp.Literal.string("x"), "text") for n in range(120)]
    query = exp.select(render.payload(rules, {"a": "text"}, texts))
    with warehouse.connect() as connection:
        ((payload,),) = connection.execute(query.sql(dialect=warehouse.dialect))
    assert payload == "{" + ",".join(f'"f{n}":"x"' for n in range(50, 120, 2)) + "}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
