"""A person is found by what they gave, as they gave it, and by what is kept of it."""

from __future__ import annotations

import pytest

from kith.person import find_person
from reverse_etl.errors import UsageError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

MARTS = """
create schema marts;
create table marts.profiles as
    select 'p_1' as person_id, 'Jo.Doe+news@Example.com' as email, '+34612345678' as phone;
create table marts.person_aliases as select 'p_0' as alias_person_id, 'p_1' as person_id;
create table marts.person_identifiers as
    select 'p_1' as person_id, 'email' as identifier_type, 'jodoe@example.com' as identifier_value,
        'active' as status
    union all select 'p_1', 'loyalty_number', 'L-9', 'quarantined';
create table marts.person_records as select 'p_1' as person_id, 'r7' as record_id
"""
GIVEN = ["p_1", "p_0", "jodoe@example.com", "jo.doe+news@example.com", "Jo.Doe+news@Example.com", "L-9", "r7"]
PHONES = ["+34612345678", "0034 612 345 678", "+34 612-345-678"]


@pytest.mark.parametrize("wanted", [*GIVEN, *PHONES])
def test_whatever_they_gave_finds_them(any_settings: Settings, wanted: str) -> None:
    with open_warehouse(any_settings).connect() as connection:
        for statement in MARTS.split(";"):
            connection.execute(statement)
        assert find_person(connection, wanted) == "p_1"
        with pytest.raises(UsageError, match="No person has that"):
            find_person(connection, f"{wanted}9")
