"""A base model holds what its declaration says of its raw table now, whatever the load times are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kith.build import build, describe_failures
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.support.sources import TESTS, only

pytestmark = [pytest.mark.build, pytest.mark.slow]


def run(settings: Settings, *statements: str) -> None:
    with open_warehouse(settings).connect() as connection:
        for statement in statements:
            connection.execute(statement)


def built(
    settings: Settings, model: str, columns: str, variables: Mapping[str, Any]
) -> list[tuple[object, ...]]:
    """What the base model's table says after a build, in order of its rows' ids."""
    report = build(settings, select=[model], exclude=TESTS, variables=variables)
    assert report.succeeded, describe_failures(report)
    with open_warehouse(settings).connect() as connection:
        return connection.execute(f"select {columns} from staging.{model} order by record_id")


MEMBERS = """
    create table mailchimp.member as
    select
        'a' as id,
        'L' as list_id,
        'wrong@ex.com' as email_address,
        'right@ex.com' as real_email,
        'subscribed' as status,
        'yes' as gone,
        timestamp '2026-03-01 00:00:00' as _fivetran_synced
"""


def test_a_table_is_built_anew_when_its_declaration_is_another(any_settings: Settings) -> None:
    run(any_settings, "create schema mailchimp", MEMBERS)

    def member(**settings_of: Any) -> tuple[object, ...]:
        shown = "email_address, is_deleted, loaded_at is null"
        (row,) = built(
            any_settings, "base_mailchimp__member", shown, only("mailchimp", mailchimp=settings_of)
        )
        return row

    def mark() -> None:
        run(any_settings, "update staging.base_mailchimp__member set email_address = 'a mark'")

    corrected = {"member": {"email_address": "real_email"}}
    assert member() == ("wrong@ex.com", False, False)
    mark()
    assert member() == ("a mark", False, False), "nothing changed: it is not read again"
    assert member(columns=corrected) == ("right@ex.com", False, False)
    mark()
    assert member(columns=corrected) == ("a mark", False, False), "and once"
    deleted = {"deleted": ["gone"]}
    assert member(columns=corrected, system_columns=deleted) == ("right@ex.com", True, False)
    assert member(system_columns={"loaded_at": ["nowhere"]}) == ("wrong@ex.com", False, True)
    assert member() == ("wrong@ex.com", False, False), "the last reading counts, not any former one"


def test_a_row_marked_as_deleted_in_place_is_deleted_at_the_next_build(any_settings: Settings) -> None:
    first, later = "'1772330400.123'", "'1772366400.5'"
    columns = "id, list_id, email_address, status, _dlt_load_id, _dlt_valid_from, _dlt_valid_to"
    run(
        any_settings,
        "create schema mailchimp",
        f"""
        create table mailchimp.member as
        select
            id, 'L' as list_id, id || '@ex.com' as email_address, 'subscribed' as status,
            {first} as _dlt_load_id,
            timestamp '2026-03-01 00:00:00' as _dlt_valid_from, cast(null as timestamp) as _dlt_valid_to
        from (values ('1'), ('2'), ('3')) as ids (id)
        """,
    )

    def deleted() -> dict[object, object]:
        variables = only("mailchimp", mailchimp={"loader": "dlt"})
        found = built(any_settings, "base_mailchimp__member", "id, is_deleted", variables)
        return {row[0]: row[1] for row in found}

    def retire(key: str) -> None:
        ended = "_dlt_valid_to = timestamp '2026-03-01 12:00:00'"
        run(any_settings, f"update mailchimp.member set {ended} where id = '{key}'")

    assert deleted() == {"1": False, "2": False, "3": False}
    retire("1")
    run(
        any_settings,
        f"""
        insert into mailchimp.member ({columns})
        values ('4', 'L', '4@ex.com', 'subscribed', {later}, timestamp '2026-03-01 12:00:00', null)
        """,
    )
    assert deleted() == {"1": True, "2": False, "3": False, "4": False}
    retire("2")
    assert deleted() == {"1": True, "2": True, "3": False, "4": False}, "without another load, too"


def told(settings: Settings, column: str, values: list[str], **settings_of: Any) -> dict[object, object]:
    """Member → (is_deleted, row_reason), where the loader writes these values into a column."""
    rows = ", ".join(f"('{place}', {value})" for place, value in enumerate(values))
    run(
        settings,
        "drop table if exists mailchimp.member",
        f"""
        create table mailchimp.member as
        select
            id, 'L' as list_id, id || '@ex.com' as email_address, 'subscribed' as status,
            timestamp '2026-03-01 00:00:00' as _fivetran_synced, {column}
        from (values {rows}) as said (id, value)
        """,
    )
    variables = only("mailchimp", mailchimp=settings_of)
    found = built(settings, "base_mailchimp__member", "id, is_deleted, row_reason", variables)
    return {key: (deleted, reason) for key, deleted, reason in found}


def test_what_says_of_a_row_that_it_is_deleted_is_read_or_refused(any_settings: Settings) -> None:
    run(any_settings, "create schema mailchimp")
    numbers = "cast(value as double precision) as _fivetran_deleted"
    assert told(any_settings, numbers, ["1.0", "0.0", "null", "7.5"]) == {
        "0": (True, None),
        "1": (False, None),
        "2": (False, None),
        "3": (False, "_fivetran_deleted: not true or false, nor a time"),
    }

    gone: dict[str, Any] = {"system_columns": {"deleted": ["gone_at"]}}
    times = ["timestamp '2026-02-01 00:00:00'", "null"]
    assert told(any_settings, "value as gone_at", times, **gone) == {"0": (True, None), "1": (False, None)}
    words = ["'2026-02-01T00:00:00Z'", "' '", "'no'", "'Yes'", "'perhaps'"]
    assert told(any_settings, "value as gone_at", words, **gone) == {
        "0": (True, None),
        "1": (False, None),
        "2": (False, None),
        "3": (True, None),
        "4": (False, "gone_at: not true or false, nor a time"),
    }

    active = ["'true'", "'0.0'", "'perhaps'"]
    assert told(any_settings, "value as _fivetran_active", active) == {
        "0": (False, None),
        "1": (True, None),
        "2": (False, "_fivetran_active: not true or false"),
    }


def test_a_boolean_that_a_loader_made_a_float_is_read(duckdb_settings: Settings) -> None:
    run(
        duckdb_settings,
        "create schema salesforce",
        """
        create table salesforce.contact as
        select
            id, id || '@ex.com' as email, opted_out as has_opted_out_of_email,
            timestamp '2026-03-01 00:00:00' as _fivetran_synced
        from (values ('1', 1.0::double), ('2', 0.0), ('3', null)) as said (id, opted_out)
        """,
    )
    said = "has_opted_out_of_email, row_status"
    assert built(duckdb_settings, "base_salesforce__contact", said, only("salesforce")) == [
        (True, "staged"),
        (False, "staged"),
        (None, "staged"),
    ]
