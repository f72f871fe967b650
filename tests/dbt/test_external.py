"""The generic tables alone: people from anywhere, and statements about whoever holds an identifier."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

pytestmark = [pytest.mark.build, pytest.mark.slow]

TABLES = {
    "external/people.csv": (
        "record_id,email,phone,given_name,birth_date,national_id,loyalty_id,attributes,loaded_at\n"
        '1,ana@example.com,,Ana,1990-05-01,12.345.678-z,,"{""hobby"": ""chess"", ""age"": 36, '
        '""a/~b"": true, ""none"": null, ""deep"": {""x"": 1}}",2026-02-01\n'
        "2,,,Ana,,12345678Z,77,[1],2026-02-01\n"
        "3,,600123124,Luis,,,77,,2026-02-01\n"
        "4,d41d8cd98f00b204e9800998ecf8427e,,Eva,,,,,2026-02-01\n"
        "5,bad@example.com,,Bad,1990-13-01,,,,2026-02-01\n"
        "6,worse@example.com,,Worse,,,,{broken,2026-02-01\n"
        ",nobody@example.com,,No,,,,,2026-02-01\n"
        "3,,600123124,Luis,,,77,,2026-01-01\n"
    ),
    "external/attributes.csv": (
        "identifier_type,identifier_value,name,value,observed_at,loaded_at\n"
        "email, ANA@example.com ,hobby,go,2026-03-01,2026-03-02\n"
        "email,ana@example.com,income,low,2026-03-01,2026-03-02\n"
        "email,ana@example.com,income,high,2026-03-09,2026-03-02\n"
        "email,ana@example.com,income,middle,2026-03-02,2026-03-02\n"
        "national_id,12345678-Z,car,yes,2026-03-01,2026-03-02\n"
        "phone,+34 600 123 124,car,no,2026-03-05,2026-03-02\n"
        "email,stranger@example.com,car,yes,2026-03-01,2026-03-02\n"
        "email,n/a,car,yes,2026-03-01,2026-03-02\n"
        "email,ana@example.com,empty,,2026-03-01,2026-03-02\n"
    ),
}


@pytest.fixture
def external(source_settings: Settings, tmp_path: Path) -> Settings:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(source_settings, variables=only("external"), exclude=TESTS)
    assert report.succeeded, describe_failures(report)
    return source_settings


def test_people_and_attributes_from_anywhere_become_profiles_with_traits(external: Settings) -> None:
    assert accounting(external) == {
        ("external", "people"): (8, 4, 3, 1),
        ("external", "attributes"): (9, 6, 1, 2),
    }
    refused = {row["reason"] for row in rows_of(external, "staging", "quarantined_records")}
    assert refused == {
        "birth_date: not a date",
        "attributes: not JSON, or with a key twice or a NUL in it",
        "record_id: missing",
        "value: missing",
    }
    people = {row["record_id"]: row["person_id"] for row in rows_of(external, "marts", "person_records")}
    # One document, however it was written; one loyalty card.
    assert people["1"] == people["2"] == people["3"]
    assert set(people) == {"1", "2", "3", "4"}
    assert people["4"] != people["1"]

    traits = {
        (row["person_id"], row["trait"]): row["trait_value"]
        for row in rows_of(external, "marts", "person_traits")
    }
    ana = {trait: value for (person, trait), value in traits.items() if person == people["1"]}
    # The latest observation counts; what is said of a stranger makes no person.
    assert ana == {"hobby": "go", "age": "36", "a/~b": "true", "income": "high", "car": "no"}
    assert len(traits) == len(ana)
