"""Audiences keep their stays, and a new one is one file."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import EACH_ALONE, make_settings
from tests.support.identity import run_dbt
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.build

NEW_AUDIENCE = """
with

profiles as (

    select * from {{ ref('profiles') }}

),

final as (

    select person_id
    from profiles
    where not marketing_email_consent

)

select * from final
"""


class AudienceBuild:
    """The audiences over carts and profiles that a test writes.

    Args:
        settings: over a project of the test's own.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warehouse = open_warehouse(settings)

    def build(
        self, members: str, hour: int, *, aliases: dict[str, str] | None = None, full_refresh: bool = False
    ) -> None:
        """One build at an hour of 1 January: each letter of `members` is a person who left a cart."""
        now = datetime(2026, 1, 1, hour, tzinfo=UTC)
        self.write(members, now.replace(tzinfo=None), aliases or {})
        words = ["run", "--select", "audience_members", "config.materialized:audience"]
        settings = replace(self.settings, now=now)
        run_dbt(settings, [*words, *(["--full-refresh"] if full_refresh else [])])

    def write(self, members: str, now: datetime, aliases: dict[str, str]) -> None:
        """Put the tables in the place of the marts that audiences read."""
        left = f"timestamp '{now - timedelta(hours=2)}'"
        carts = [f"('{person}', true, {left})" for person in members] or [f"('nobody', false, {left})"]
        pairs = [f"('{old}', '{new}')" for old, new in aliases.items()] or ["('p_nobody', 'p_nobody')"]
        people = ", ".join(f"('{person}', {str(person != 'z').lower()})" for person in "abcdz")
        tables = {
            "carts (person_id, is_abandoned, abandoned_at)": ", ".join(carts),
            "profiles (person_id, marketing_email_consent)": people,
            "person_aliases (alias_person_id, person_id)": ", ".join(pairs),
        }
        with self.warehouse.connect() as connection:
            connection.execute("create schema if not exists marts")
            for header, rows in tables.items():
                name, _, columns = header.partition(" ")
                connection.execute(f"drop table if exists marts.{name}")
                connection.execute(
                    f"create table marts.{name} as select * from (values {rows}) as made {columns}"
                )

    def forget(self) -> None:
        """Drop the audiences, as if they had never been built."""
        with self.warehouse.connect() as connection:
            if connection.columns("marts", "audience_members"):
                connection.execute("drop view marts.audience_members")
                connection.execute("drop table marts.audience_cart_abandoners")

    def stays(self, audience: str = "cart_abandoners") -> list[tuple[Any, ...]]:
        """Person, hour entered, hour exited."""
        with self.warehouse.connect() as connection:
            rows = connection.execute(
                "select person_id, entered_at, exited_at from marts.audience_members "
                f"where audience = '{audience}' order by entered_at, person_id"
            )
        return [(person, entered.hour, left.hour if left else None) for person, entered, left in rows]


@pytest.fixture(scope="module", params=EACH_ALONE)
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> AudienceBuild:
    """A copy of the project, so that a test may add a file to it."""
    root = tmp_path_factory.mktemp(f"audiences_{request.param}")
    shutil.copytree(
        PACKAGE_ROOT / "dbt_project",
        root / "dbt_project",
        ignore=shutil.ignore_patterns("target", "logs", "staging"),
    )
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root)
    (root / "reverse_etl").mkdir()
    postgres = request.param == "postgres"
    extra = postgres_server.new_database(f"audiences_{uuid.uuid4().hex}") if postgres else {}
    return AudienceBuild(make_settings(root / "home", request.param, {**extra, "KITH_PROJECT": str(root)}))


@pytest.fixture
def audiences(project: AudienceBuild) -> AudienceBuild:
    """The project, with no stay known."""
    project.forget()
    return project


def test_a_stay_begins_ends_and_begins_anew(audiences: AudienceBuild) -> None:
    audiences.build("ab", 10)
    audiences.build("ab", 11, full_refresh=True)
    audiences.build("bc", 12)
    audiences.build("abcz", 13)
    assert audiences.stays() == [
        ("a", 10, 12),
        ("b", 10, None),
        ("c", 12, None),
        ("a", 13, None),
    ]


def test_a_stay_follows_its_person_through_a_merge(audiences: AudienceBuild) -> None:
    audiences.build("ac", 10)
    audiences.build("abc", 11)
    audiences.build("a", 12, aliases={"b": "a", "c": "d"})
    assert audiences.stays() == [("a", 10, None), ("d", 10, 12)]


def test_a_new_audience_is_one_file(audiences: AudienceBuild) -> None:
    audiences.build("a", 10)
    folder = audiences.settings.dbt_project / "models" / "marts" / "audiences"
    (folder / "audience_silent.sql").write_text(NEW_AUDIENCE)
    audiences.build("a", 11)
    assert audiences.stays("silent") == [("z", 11, None)]
    assert audiences.stays() == [("a", 10, None)]
