"""Marts that are made anew where their input changed equal, row for row, those that are built as a whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import LONG
from tests.support.dialects import Dialect
from tests.support.raw import write_raw
from tests.support.sources import TESTS, only
from tests.support.tables import differing, read_table

pytestmark = [pytest.mark.build, pytest.mark.slow]

TABLES = [("intermediate", "int_events"), ("marts", "person_events"), ("marts", "sessions")]
PAGES = "id,anonymous_id,user_id,original_timestamp,received_at,url"
IDENTIFIES = "id,anonymous_id,user_id,original_timestamp,received_at,email"
PEOPLE = 5
DEVICES = 12


def take(settings: Settings, *, full_refresh: bool = False, **variables: object) -> None:
    report = build(
        settings,
        select=["+sessions"],
        exclude=TESTS,
        full_refresh=full_refresh,
        variables={**only("segment"), **variables},
    )
    assert report.succeeded, describe_failures(report)


def run(settings: Settings, *statements: str) -> None:
    with open_warehouse(settings).connect() as connection:
        for statement in statements:
            connection.execute(statement)


def value(settings: Settings, sql: str) -> object:
    with open_warehouse(settings).connect(read_only=True) as connection:
        return connection.execute(sql)[0][0]


def assert_as_whole(settings: Settings, **variables: object) -> None:
    """The tables as they are, held against those of a full refresh."""
    found = {table: read_table(settings, *table) for table in TABLES}
    take(settings, full_refresh=True, **variables)
    whole = {table: read_table(settings, *table) for table in TABLES}
    assert [told for table in TABLES if (told := differing(table, found[table], whole[table]))] == []
    assert all(rows.total() for _, rows in whole.values())


class Behaviour:
    """Calls of a few people on a few devices, load after load: the same ones for the same seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.pages: list[str] = []
        self.loads = 0

    def next_load(self) -> Path:
        """New rows, late ones, repeated and corrected ones; log-ins that join devices to people."""
        self.loads += 1
        day = f"2026-11-{self.loads:02}"
        pages = [self._page(f"{day}-{number}", day) for number in range(8)]
        pages += [self._page(f"{day}-late-{number}", "2026-11-01") for number in range(2 * (self.loads > 1))]
        again = self.random.sample(self.pages, k=min(len(self.pages), 4))
        pages += again[:2] + [self._page(row.split(",")[0], day) for row in again[2:]]
        self.pages += pages
        logins = [self._login(f"{day}-login-{number}", day) for number in range(2)]
        files = {"pages": [PAGES, *pages], "identifies": [IDENTIFIES, *logins]}
        named = {f"segment/{name}.csv": "\n".join(rows) + "\n" for name, rows in files.items()}
        return write_raw(self.folder / str(self.loads), named)

    def mend(self) -> Sequence[str]:
        """Statements that take rows away: of what was seen, and a log-in, which may part a person."""
        letter = self.random.choice("0123456789abcdef")
        return [
            f"delete from segment.pages where md5(id) like '{letter}%'",
            "delete from segment.identifies where id = (select "
            f"{self.random.choice(('min', 'max'))}(id) from segment.identifies)",
        ]

    def _page(self, key: str, day: str) -> str:
        device = self.random.randrange(DEVICES)
        happened = f"{day} {self.random.randrange(8, 11):02}:{self.random.randrange(60):02}:00"
        user = f"user-{device % PEOPLE}" if self.random.random() < 0.2 else ""
        url = f"https://shop.example/{self.random.randrange(99)}"
        return f"{key},device-{device},{user},{happened},{day} 12:00:{self.random.randrange(60):02},{url}"

    def _login(self, key: str, day: str) -> str:
        device, user = self.random.randrange(DEVICES), self.random.randrange(PEOPLE)
        return f"{key},device-{device},user-{user},{day} 09:00:00,{day} 12:00:00,user-{user}@shop.example"


@pytest.mark.parametrize("seed", [1, 2, 3] if LONG else [1])
def test_any_loads_and_mendings_make_what_one_full_build_makes(
    any_settings: Settings, tmp_path: Path, seed: int
) -> None:
    behaviour = Behaviour(seed, tmp_path / "raw")
    for number in range(4):
        load_folder(any_settings, behaviour.next_load(), append=number > 0)
        if number > 1:
            run(any_settings, *behaviour.mend())
        take(any_settings)
    changes = "select count(distinct change) from intermediate.person_id_registry"
    assert value(any_settings, f"{changes} where change in ('merged', 'split')") == 2
    assert_as_whole(any_settings)


FIRST = f"""{PAGES}
p1,a,,2026-11-01 09:00:00,2026-11-01 12:00:00,https://shop.example/1
p2,a,,2026-11-01 09:40:00,2026-11-01 12:00:00,https://shop.example/2
p3,b,,2026-11-01 09:00:00,2026-11-01 12:00:00,https://shop.example/3
p4,c,,2026-11-01 09:00:00,2026-11-01 12:00:00,https://shop.example/4
"""
SECOND = f"""{PAGES}
p5,b,,2026-11-02 09:00:00,2026-11-02 12:00:00,https://shop.example/5
"""
LOGIN = f"""{IDENTIFIES}
i1,a,u,2026-11-02 09:00:00,2026-11-02 12:00:00,u@shop.example
i2,c,u,2026-11-02 09:00:00,2026-11-02 12:00:00,u@shop.example
"""
MARKS = (
    "update marts.person_events set url = 'a mark'",
    "update marts.sessions set events_count = -1",
)


def load(settings: Settings, folder: Path, files: dict[str, str]) -> None:
    named = {f"segment/{name}.csv": text for name, text in files.items()}
    load_folder(settings, write_raw(folder / "-".join(files), dict(named)), append=True)


def marked(settings: Settings) -> tuple[str, str]:
    """Of which visitors events, and sessions, bear a mark: those that were not made anew."""
    events, sessions = (
        value(
            settings, f"select string_agg(visitor_id, '' order by {order}) from marts.{table} where {bears}"
        )
        for table, order, bears in (
            ("person_events", "event_id", "url = 'a mark'"),
            ("sessions", "visitor_id", "events_count = -1"),
        )
    )
    return str(events or ""), str(sessions or "")


@pytest.fixture
def built(source_settings: Settings, tmp_path: Path) -> Settings:
    """Visitors a, b and c, nobody known; what was built bears a mark in every row."""
    load_folder(source_settings, write_raw(tmp_path / "first", {"segment/pages.csv": FIRST}))
    take(source_settings)
    run(source_settings, *MARKS)
    return source_settings


def test_only_what_changed_is_made_anew(built: Settings, tmp_path: Path) -> None:
    load(built, tmp_path, {"pages": SECOND})
    take(built)
    assert marked(built) == ("aabc", "aac"), "an event that came changes its visitor's sessions alone"

    load(built, tmp_path, {"identifies": LOGIN})
    take(built)
    assert value(built, "select count(distinct person_id) from marts.person_events") == 2
    former = "one of a and c is the other's now, and was the first of both before"
    assert marked(built) in (("aab", "aa"), ("bc", "c")), former

    run(built, "delete from segment.pages where id = 'p4'")
    take(built)
    assert value(built, "select count(*) from marts.sessions where visitor_id = 'c'") == 0


def test_another_setting_and_lost_notes_reach_old_rows(built: Settings) -> None:
    sessions = "select count(*) from marts.sessions where visitor_id = 'a'"
    assert value(built, sessions) == 2
    take(built, session_minutes=60)
    assert (value(built, sessions), marked(built)) == (1, ("aabc", ""))
    run(built, "drop table ops.records_of_person_events")
    take(built, session_minutes=60)
    assert marked(built) == ("", "")


def test_what_a_killed_build_left_is_taken_up_again(built: Settings) -> None:
    """As an engine without transactions leaves it: rows are deleted, the notes are not struck out."""
    visit = "select distinct person_id, source, platform, visitor_id from marts.sessions"
    run(
        built,
        "insert into ops.changed_events select source, event_id from marts.person_events"
        " where visitor_id = 'b'",
        f"insert into ops.changed_visits {visit} where visitor_id = 'c'",
        "delete from marts.person_events where visitor_id = 'b'",
        "delete from marts.sessions where visitor_id = 'c'",
    )
    take(built)
    assert marked(built) == ("aac", "aa")
    assert value(built, "select count(*) from marts.person_events") == 4
    assert value(built, "select count(*) from marts.sessions") == 4


def test_a_source_that_is_switched_takes_its_rows_with_it(built: Settings, tmp_path: Path) -> None:
    pages = SECOND.replace("original_timestamp", "timestamp")
    load_folder(built, write_raw(tmp_path / "other", {"rudderstack/pages.csv": pages}))
    take(built, segment={"enabled": False}, rudderstack={"enabled": True})
    for table in ("person_events", "sessions"):
        found = value(
            built, f"select min(source) || ' ' || max(source) || ' ' || count(*) from marts.{table}"
        )
        assert found == "rudderstack rudderstack 1"


def test_a_model_that_does_not_read_what_it_names_is_refused() -> None:
    """All its rows would be taken for those of the changed keys."""
    one = Dialect("duckdb")
    rows, keys = one.relation("intermediate", "int_events"), one.relation("temp", "changed")
    narrowed = one.macros["narrowed"](f"select * from {rows}", rows, keys, ["event_id"])
    assert "key_rows.event_id = wanted_keys.event_id" in narrowed
    with pytest.raises(AssertionError, match="The model reads no"):
        one.macros["narrowed"]("select 1 as event_id", rows, keys, ["event_id"])
