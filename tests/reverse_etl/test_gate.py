from __future__ import annotations

import pytest

from reverse_etl.errors import ConfigurationError, HeldError
from reverse_etl.gate import GateSpec, check_gate, require_gate
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

SPEC = GateSpec("sync_crm", not_null=("person_id", "email"), unique=("email",), min_rows=1, max_shrink=0.2)
pytestmark = pytest.mark.build


def write_model(settings: Settings, rows: list[tuple[str | None, str | None]]) -> None:
    values = ", ".join(
        "(" + ", ".join("null" if value is None else f"'{value}'" for value in row) + ")" for row in rows
    )
    with open_warehouse(settings).connect() as connection:
        connection.execute("create schema if not exists activation")
        connection.execute("drop table if exists activation.sync_crm")
        connection.execute("create table activation.sync_crm (person_id varchar, email varchar)")
        if rows:
            connection.execute(f"insert into activation.sync_crm values {values}")


def people(count: int) -> list[tuple[str | None, str | None]]:
    return [(f"p_{number}", f"person{number}@example.com") for number in range(count)]


def test_a_first_run_passes_and_is_the_last_good_one_of_the_next(any_settings: Settings) -> None:
    write_model(any_settings, people(10))
    assert check_gate(any_settings, SPEC).passed
    write_model(any_settings, people(8))
    again = check_gate(any_settings, SPEC)
    assert (again.passed, again.last_good_rows) == (True, 10)


def test_a_shrunk_model_is_held_and_does_not_become_the_last_good_one(any_settings: Settings) -> None:
    write_model(any_settings, people(10))
    check_gate(any_settings, SPEC)
    write_model(any_settings, people(7))
    for _ in range(2):
        held = check_gate(any_settings, SPEC)
        assert [failure.name for failure in held.failures] == ["shrink"]
        assert held.last_good_rows == 10


def test_an_empty_model_is_held(duckdb_settings: Settings) -> None:
    write_model(duckdb_settings, [])
    assert [failure.name for failure in check_gate(duckdb_settings, SPEC).failures] == ["rows"]


def test_nulls_and_duplicate_match_keys_are_named_without_any_value(any_settings: Settings) -> None:
    write_model(any_settings, [*people(3), ("p_9", "person1@example.com"), ("p_10", None)])
    with pytest.raises(HeldError) as held:
        require_gate(any_settings, SPEC)
    assert "rows without `email`: 1" in held.value.message
    assert "rows that repeat a `email`: 1" in held.value.message
    assert "@" not in str(held.value)


def test_the_same_numbers_pass_again_but_not_under_stricter_limits(duckdb_settings: Settings) -> None:
    write_model(duckdb_settings, people(3))
    assert check_gate(duckdb_settings, SPEC).passed
    assert check_gate(duckdb_settings, SPEC).passed
    stricter = GateSpec("sync_crm", ("person_id",), ("email",), min_rows=4)
    assert not check_gate(duckdb_settings, stricter).passed


def test_an_absent_model_or_column_is_named(duckdb_settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"activation\.sync_crm does not exist"):
        check_gate(duckdb_settings, SPEC)
    write_model(duckdb_settings, people(1))
    with pytest.raises(ConfigurationError, match="no column `emall`") as absent:
        check_gate(duckdb_settings, GateSpec("sync_crm", ("emall",), ()))
    assert "email" in str(absent.value.hint)
