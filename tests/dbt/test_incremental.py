"""Staging takes only what is new, and is row for row what a full build makes of the same raw tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kith.build import build, describe_failures
from kith.demo import generate
from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.conftest import make_settings
from tests.support.raw import write_raw
from tests.support.tables import difference, table_names

pytestmark = [pytest.mark.build, pytest.mark.slow]

# One source is enough: what is tested is how raw tables are read, and that is one macro for all.
SHOP_ALONE = {name: {"enabled": False} for name in ("segment", "hubspot", "zendesk")}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One shop's raw files."""
    folder = tmp_path_factory.mktemp("sources")
    generate(folder, people=120, seed=3, now=make_settings(folder, "duckdb").now)
    return folder / "raw"


@pytest.fixture(scope="module")
def overlapping(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three loads, by load time; each brings a tenth of all rows, the last of the one before, again."""
    return split(sources, tmp_path_factory.mktemp("overlapping"), again=0.1)


@pytest.fixture(scope="module")
def following(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three loads, by load time, each row once."""
    return split(sources, tmp_path_factory.mktemp("following"), again=0)


def split(sources: Path, folder: Path, again: float) -> list[Path]:
    """Thirds of each file by load time, rows without one last."""
    for file in sorted((sources / "shopify").glob("*.parquet")):
        for number in range(3):
            target = folder / str(number) / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            duckdb.execute(
                f"copy (select * exclude (share) from (select *, percent_rank() over "
                f"(order by _fivetran_synced nulls last) as share from '{file}') "
                f"where share >= {number / 3 - (again if number else 0)} and share < {(number + 1) / 3} "
                f"or {number} = 2 and share = 1) to '{target}' (format parquet)"
            )
    return [folder / str(number) for number in range(3)]


def build_staging(settings: Settings, *, full_refresh: bool = False) -> None:
    report = build(settings, select=["staging"], full_refresh=full_refresh, variables=SHOP_ALONE)
    assert report.succeeded, describe_failures(report)


def query(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with open_warehouse(settings).connect() as connection:
        return connection.execute(sql)


def test_three_overlapping_loads_make_what_one_full_build_makes(
    any_settings: Settings, overlapping: list[Path], tmp_path: Path
) -> None:
    for number, folder in enumerate(overlapping):
        load_folder(any_settings, folder, append=number > 0)
        build_staging(any_settings)
    assert query(any_settings, "select count(*) from staging.raw_accounting where unaccounted_rows <> 0") == [
        (0,)
    ]

    whole = make_settings(tmp_path / "whole", "duckdb")
    for number, folder in enumerate(overlapping):
        load_folder(whole, folder, append=number > 0)
    build_staging(whole)
    differences = [
        difference(whole, any_settings, "staging", table) for table in table_names(whole, "staging")
    ]
    assert [found for found in differences if found] == []


def test_a_build_reads_old_rows_again_only_when_the_raw_table_was_changed_under_it(
    any_settings: Settings, following: list[Path]
) -> None:
    load_folder(any_settings, following[0])
    build_staging(any_settings)
    oldest = query(
        any_settings,
        "select min(record_id) from staging.base_shopify__order where row_status = 'staged' and loaded_at = "
        "(select min(loaded_at) from staging.base_shopify__order where row_status = 'staged')",
    )[0][0]
    mark = f"update staging.base_shopify__order set email = 'a mark' where record_id = '{oldest}'"
    marked = "select count(*) from staging.base_shopify__order where email = 'a mark'"
    query(any_settings, mark)
    load_folder(any_settings, following[1], append=True)
    build_staging(any_settings)
    assert query(any_settings, marked) == [(1,)], "an old row was not read again"

    query(any_settings, 'delete from shopify."order" where id = (select max(id) from shopify."order")')
    build_staging(any_settings)
    assert query(any_settings, marked) == [(0,)], "a row is gone from the raw table: it is read anew"
    assert query(any_settings, "select count(*) from staging.raw_accounting where unaccounted_rows <> 0") == [
        (0,)
    ]

    query(any_settings, mark)
    load_folder(any_settings, following[0])
    build_staging(any_settings)
    assert query(any_settings, marked) == [(0,)], "the raw table was replaced: it is read anew"

    query(any_settings, mark)
    build_staging(any_settings)
    assert query(any_settings, marked) == [(1,)], "and once"
    build_staging(any_settings, full_refresh=True)
    assert query(any_settings, marked) == [(0,)]


ORDERS = """id,created_at,currency,total_price,_fivetran_synced
past,2026-11-01,EUR,10,2026-11-17 01:00:00
next week,2026-11-27,EUR,10,2026-11-18 02:00:00
far,2199-01-01,EUR,10,2026-11-19 03:00:00
"""
CUSTOMERS = "id,_fivetran_synced\n1,2026-11-19 01:00:00\n"


def judged_at(settings: Settings, now: str) -> dict[str, str]:
    """Record id → status and reason, of orders staged at a moment."""
    report = build(settings, select=["base_shopify__order"], variables={**SHOP_ALONE, "now": now})
    assert report.succeeded, describe_failures(report)
    told = "concat(row_status, ' ', row_reason)"
    found = query(settings, f"select record_id, max({told}) from staging.base_shopify__order group by 1")
    return {str(key): str(status).strip() for key, status in found}


def test_what_lay_ahead_is_staged_once_the_clock_has_passed_it(
    any_settings: Settings, tmp_path: Path
) -> None:
    folder = write_raw(tmp_path / "raw", {"shopify/order.csv": ORDERS, "shopify/customer.csv": CUSTOMERS})
    load_folder(any_settings, folder)
    ahead = "quarantined created_at: in the future"
    early, late = "2026-11-20", "2026-11-28"
    assert judged_at(any_settings, early) == {"past": "staged", "next week": ahead, "far": ahead}

    query(
        any_settings, "update staging.base_shopify__order set email = 'a mark' where record_id <> 'next week'"
    )
    assert judged_at(any_settings, late) == {"past": "staged", "next week": "staged", "far": ahead}
    marked = "select record_id from staging.base_shopify__order where email = 'a mark'"
    assert query(any_settings, marked) == [("past",)], "what was loaded before it was not read again"

    assert judged_at(any_settings, early) == {"past": "staged", "next week": ahead, "far": ahead}, "set back"
