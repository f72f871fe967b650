"""Staging, events and sessions take only what is new, and equal, row for row, those of a full build."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.demo import generate
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import LONG, make_settings
from tests.support.loads import split
from tests.support.raw import write_raw
from tests.support.sources import TESTS, only
from tests.support.tables import differing, read_table, table_names

pytestmark = [pytest.mark.build, pytest.mark.slow]

SHOP_ALONE = only("shopify")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files of all sources of the demo."""
    folder = tmp_path_factory.mktemp("sources")
    generate(folder, people=120, seed=3, now=make_settings(folder, "duckdb").now)
    return folder / "raw"


@pytest.fixture(scope="module")
def overlapping(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three loads, by load time; each brings a tenth of all rows, the last of the one before, again.

    Some rows of the first come with the last alone, under the times of the first: late rows.
    """
    return split(sources, tmp_path_factory.mktemp("overlapping"), again=0.1, late=True)


@pytest.fixture(scope="module")
def following(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three loads of the shop, by load time, each row once."""
    return split(sources, tmp_path_factory.mktemp("following"), again=0, source="shopify")


def build_sessions(settings: Settings, *, full_refresh: bool = False) -> None:
    report = build(
        settings,
        select=["staging", "+sessions"],
        exclude=TESTS,
        full_refresh=full_refresh,
        variables=None if LONG else only("segment", "shopify"),
    )
    assert report.succeeded, describe_failures(report)


def query(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with open_warehouse(settings).connect() as connection:
        return connection.execute(sql)


def test_three_overlapping_loads_make_what_one_full_build_makes(
    source_settings: Settings, overlapping: list[Path]
) -> None:
    for number, folder in enumerate(overlapping):
        load_folder(source_settings, folder, append=number > 0)
        build_sessions(source_settings)
    assert query(
        source_settings, "select count(*) from staging.raw_accounting where unaccounted_rows <> 0"
    ) == [(0,)]

    tables = [("staging", name) for name in table_names(source_settings, "staging")]
    tables += [("intermediate", "int_events"), ("marts", "person_events"), ("marts", "sessions")]
    loaded = {table: read_table(source_settings, *table) for table in tables}
    build_sessions(source_settings, full_refresh=True)
    whole = {table: read_table(source_settings, *table) for table in tables}
    assert [told for table in tables if (told := differing(table, loaded[table], whole[table]))] == []


# Of the till: no visit led to it that could come later.
AN_ORDER = """
    select min(split_part(event_id, '|', 2)) from intermediate.int_events
    where event_type = 'Order Completed' and properties like '%"pos"%'
"""


def test_old_rows_and_events_are_read_again_only_when_what_they_are_made_from_changed(
    duckdb_settings: Settings, following: list[Path]
) -> None:
    row, event = "staging.base_shopify__order", "intermediate.int_events"
    row_of, event_of = "record_id = '{}'", "event_id = 'order_completed|{}'"

    def mark() -> None:
        query(duckdb_settings, f"update {row} set email = 'a mark' where {row_of.format(order)}")
        query(duckdb_settings, f"update {event} set url = 'a mark' where {event_of.format(order)}")

    def marked() -> tuple[bool, bool]:
        ((email,),) = query(duckdb_settings, f"select email from {row} where {row_of.format(order)}")
        ((url,),) = query(duckdb_settings, f"select url from {event} where {event_of.format(order)}")
        return email == "a mark", url == "a mark"

    def take(*, full_refresh: bool = False) -> None:
        selected = ["base_shopify__*", "stg_shopify__events", "int_events"]
        report = build(
            duckdb_settings,
            select=selected,
            exclude=TESTS,
            variables=SHOP_ALONE,
            full_refresh=full_refresh,
        )
        assert report.succeeded, describe_failures(report)

    load_folder(duckdb_settings, following[0])
    take()
    ((order,),) = query(duckdb_settings, AN_ORDER)
    mark()
    load_folder(duckdb_settings, following[1], append=True)
    take()
    assert marked() == (True, True), "what is old was not read again"

    now = "_fivetran_synced = timestamp '2026-11-19'"
    query(
        duckdb_settings,
        f'update shopify."order" set {now} where id = {order}',
    )
    take()
    assert marked() == (False, False), "the row came again: it and its event are taken anew"

    mark()
    query(duckdb_settings, "delete from shopify.refund")
    take()
    assert marked() == (True, False), "events are gone: those of the source are taken anew"

    mark()
    load_folder(duckdb_settings, following[0])
    take()
    assert marked() == (False, False), "raw tables were replaced: they are read anew"
    mark()
    take()
    assert marked() == (True, True), "and once"
    take(full_refresh=True)
    assert marked() == (False, False)


ORDERS = """id,created_at,currency,total_price,_fivetran_synced
past,2026-11-01,EUR,10,2026-11-17 01:00:00
next week,2026-11-27,EUR,10,2026-11-18 02:00:00
far,2199-01-01,EUR,10,2026-11-19 03:00:00
"""
CUSTOMERS = "id,_fivetran_synced\n1,2026-11-19 01:00:00\n"


def judged_at(settings: Settings, now: str) -> dict[str, str]:
    """Record id → status and reason, of orders staged at a moment."""
    variables = {**SHOP_ALONE, "now": now}
    report = build(settings, select=["base_shopify__order"], exclude=TESTS, variables=variables)
    assert report.succeeded, describe_failures(report)
    told = "concat(row_status, ' ', row_reason)"
    found = query(settings, f"select record_id, max({told}) from staging.base_shopify__order group by 1")
    return {str(key): str(status).strip() for key, status in found}


def test_what_lay_ahead_is_staged_once_the_clock_has_passed_it(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    folder = write_raw(tmp_path / "raw", {"shopify/order.csv": ORDERS, "shopify/customer.csv": CUSTOMERS})
    load_folder(duckdb_settings, folder)
    ahead = "quarantined created_at: in the future"
    early, late = "2026-11-20", "2026-11-28"
    assert judged_at(duckdb_settings, early) == {"past": "staged", "next week": ahead, "far": ahead}

    query(
        duckdb_settings,
        "update staging.base_shopify__order set email = 'a mark' where record_id <> 'next week'",
    )
    assert judged_at(duckdb_settings, late) == {"past": "staged", "next week": "staged", "far": ahead}
    marked = "select record_id from staging.base_shopify__order where email = 'a mark'"
    assert query(duckdb_settings, marked) == [("past",)], "what was loaded before it was not read again"


PAGES = """id,anonymous_id,original_timestamp,received_at,url
seen,a,2026-11-18 01:00:00,2026-11-18 01:00:01,https://shop.example/
ahead,a,2026-11-25 01:00:00,2026-11-10 01:00:01,https://shop.example/next
"""
TRACKS = """id,anonymous_id,original_timestamp,received_at,event,event_text
first,a,2026-11-10 01:00:00,2026-11-10 01:00:01,signed_up,Signed Up
"""
LATER = """id,anonymous_id,original_timestamp,received_at,event,event_text
second,a,2026-11-11 01:00:00,2026-11-11 01:00:01,signed_up,Signed Up
"""


def test_events_take_what_staging_took_from_older_loads_than_their_last(
    source_settings: Settings, tmp_path: Path
) -> None:
    def events(now: str) -> list[str]:
        report = build(
            source_settings,
            select=["staging", "int_events"],
            exclude=TESTS,
            variables={**only("segment"), "now": now},
        )
        assert report.succeeded, describe_failures(report)
        found = query(source_settings, "select event_id from intermediate.int_events order by event_id")
        return [str(event) for (event,) in found]

    raw = {"segment/pages.csv": PAGES, "segment/tracks.csv": TRACKS}
    load_folder(source_settings, write_raw(tmp_path / "raw", raw))
    assert events("2026-11-20") == ["page|seen", "track|first"]

    load_folder(source_settings, write_raw(tmp_path / "more", {"segment/tracks.csv": LATER}), append=True)
    assert events("2026-11-20") == ["page|seen", "track|first", "track|second"]
    assert events("2026-11-28") == ["page|ahead", "page|seen", "track|first", "track|second"]

    query(source_settings, "delete from segment.tracks where id = 'second'")
    assert events("2026-11-28") == ["page|ahead", "page|seen", "track|first"]
