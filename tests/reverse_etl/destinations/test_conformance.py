"""The destinations that ship hold what every destination must."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from reverse_etl.conformance import Check, Subject, checks
from reverse_etl.destinations import kinds


def person(number: int) -> dict[str, str]:
    return {"email": f"canary{number}@example.com", "firstname": f"Canary{number}", "city": f"Town{number}"}


def occurrence(number: int) -> dict[str, str]:
    return {"eventName": "pe1_visit", "email": f"canary{number}@example.com", "note": f"Note{number}"}


def read_csv(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_parquet(path: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = pq.read_table(path).to_pylist()
    return rows


HUBSPOT = Subject(
    kinds()["hubspot"], "contacts", account={"token": "env:TOKEN"}, payload=person, text="firstname"
)
EVENTS = Subject(
    kinds()["hubspot"], "events", account={"token": "env:TOKEN"}, payload=occurrence, text="note"
)
CSV = Subject(
    kinds()["file"], "csv", account={"folder": "out"}, payload=person, text="firstname", read=read_csv
)
PARQUET = Subject(
    kinds()["file"], "parquet", account={"folder": "out"}, payload=person, text="firstname", read=read_parquet
)


@pytest.mark.parametrize("check", checks(HUBSPOT))
def test_hubspot_contacts_hold_what_every_destination_must(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", checks(EVENTS))
def test_hubspot_events_hold_what_every_destination_must(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", checks(CSV))
def test_csv_files_hold_what_every_destination_must(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", checks(PARQUET))
def test_parquet_files_hold_what_every_destination_must(check: Check) -> None:
    check()
