"""docs/add-a-source.md, done as it stands: its files written, its commands run, its person met."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.conftest import make_settings
from tests.support.cli import run_kith
from tests.support.pages import Page
from tests.support.raw import rows_of
from tests.support.sources import accounting

pytestmark = [pytest.mark.build, pytest.mark.slow]

PAGE = Page("add-a-source.md")


def project_copy(root: Path) -> None:
    """The project as it ships, of a company that has none of the sources that it knows."""
    ignore = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PACKAGE_ROOT / "dbt_project", root / "dbt_project", ignore=ignore)
    shutil.copytree(PACKAGE_ROOT / "reverse_etl", root / "reverse_etl", ignore=shutil.ignore_patterns("*.py"))
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root)
    file = root / "dbt_project" / "dbt_project.yml"
    file.write_text(file.read_text().replace("{enabled: true}", "{enabled: false}"))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A company that did what the page says, to the last command."""
    root = tmp_path_factory.mktemp("company")
    project_copy(root)
    paths = PAGE.write_files(root)
    assert len(paths) == len(set(paths)) + 1, "one file, dbt_project.yml, is changed twice; no other is"
    settings = make_settings(root / "home", "duckdb", {"KITH_PROJECT": str(root)})
    for _, *words in PAGE.commands():
        done = run_kith(settings, *words, cwd=root)
        # Before the first build `doctor` finds things to say, and accounts without a credential.
        assert done.returncode == 0 or words == ["doctor"], (words, done.stdout, done.stderr)
    return settings


def test_every_block_of_the_page_is_a_file_or_a_command() -> None:
    assert PAGE.has_only_files_and_commands()


def test_the_page_leads_to_the_person_that_it_promises(company: Settings) -> None:
    told = run_kith(company, "person", "show", "marta@example.com", "--json", cwd=company.root)
    profile: dict[str, Any] = json.loads(told.stdout)["profile"]
    assert (profile["given_name"], profile["phone"]) == ("Marta", "+34612345678")
    assert (profile["lifecycle_stage"], profile["orders_count"]) == ("customer", 2)
    assert Decimal(str(profile["net_revenue"])) == Decimal("42.50")
    assert profile["marketing_email_consent"] is True

    people = {row["record_id"] for row in rows_of(company, "marts", "person_records")}
    assert people == {"1001", "1002"}


def test_the_page_s_rows_are_accounted_for_as_it_says(company: Settings) -> None:
    assert accounting(company) == {
        ("stampcard", "member"): (3, 3, 0, 0),
        ("stampcard", "purchase"): (4, 2, 1, 1),
    }
    refused = [row["reason"] for row in rows_of(company, "staging", "quarantined_records")]
    assert refused == ["paid: not a number"]
    assert "paid: not a number" in PAGE.text


def test_the_doctor_says_that_the_page_s_rows_are_old(company: Settings) -> None:
    told = json.loads(run_kith(company, "doctor", "--json", cwd=company.root).stdout)
    found = {row["subject"]: (row["status"], row["note"]) for row in told if row["area"] == "loaded"}
    assert found == {
        "stampcard.member": ("late", "2026-03-01 02:00, late after 36 hours"),
        "stampcard.purchase": ("late", "2026-03-01 02:00, late after 36 hours"),
    }
