"""What the sources of e-mails share in their tests: raw tables, and what a build made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, only

DIGEST = "0cc175b9c0f1b6a831c399e269772661"
LOADED = "2026-04-01 00:00:00"
SHOWN = ["+email_engagements", "+consents", "+person_events", "+person_records", "+person_aliases"]
SHOWN += ["+quarantined_records", "+raw_accounting", "+orders", "+person_traits"]


def table(header: str, *rows: str) -> str:
    """CSV text of rows written as CSV; each ends with when it was loaded."""
    return "\n".join([header + ",_fivetran_synced", *(f"{row},{LOADED}" for row in rows)]) + "\n"


def built(settings: Settings, folder: Path, source: str, tables: dict[str, str], **setting: Any) -> None:
    """The source alone, with its tables and settings of its own."""
    load_folder(settings, write_raw(folder / "raw", dict(tables)))
    report = build(settings, variables=only(source, **{source: setting}), select=SHOWN, exclude=TESTS)
    assert report.succeeded, describe_failures(report)


def engagements(settings: Settings) -> dict[str, dict[str, Any]]:
    return {row["engagement_id"]: row for row in rows_of(settings, "marts", "email_engagements")}


def states(settings: Settings) -> dict[str, str]:
    """Match key → the decision that holds."""
    return {row["contact_point"]: row["state"] for row in rows_of(settings, "marts", "consents")}


def people(settings: Settings) -> dict[tuple[str, str], str]:
    rows = rows_of(settings, "marts", "person_records")
    return {(row["record_type"], row["record_id"]): row["person_id"] for row in rows}
