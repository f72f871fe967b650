"""The benchmark's own parts: what it makes, and the query that it measures against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.models.by_hand import write_events
from benchmarks.models.data import Load, write_raw
from benchmarks.page import render
from benchmarks.syncs.__main__ import PARTS
from benchmarks.syncs.show import figures


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found: list[tuple[object, ...]] = connection.execute(query).fetchall()
    return found


def test_the_query_by_hand_finds_each_event_once_whichever_way_it_is_written(tmp_path: Path) -> None:
    warehouse, output = tmp_path / "warehouse.duckdb", tmp_path / "by_hand.duckdb"
    added = write_raw(warehouse, Load(0, 2000, 200, "2026-11-01"))
    assert added > 2000
    found = []
    for keep_tables in (False, True):
        write_events(warehouse, output, keep_tables=keep_tables)
        found.append(
            rows(output, "select count(*), count(distinct event_id), bit_xor(hash(events)) from events")
        )
    assert found[0] == found[1]
    assert found[0][0][:2] == (2000, 2000)
    (duplicates,) = rows(output, "select count(*) from base_pages where row_status = 'duplicate'")[0]
    assert duplicates


def test_the_second_load_adds_one_per_cent(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    first = write_raw(warehouse, Load(0, 20_000, 2000, "2026-11-01"))
    second = write_raw(warehouse, Load(20_000, 20_200, 2000, "2026-11-02"))
    assert 0.008 < second / first < 0.012
    assert rows(warehouse, "select count(distinct id) from segment.pages") == [(11_110,)]


def step(seconds: float, requests: int = 0, over: int = 0, **told: int) -> dict[str, Any]:
    """A step as it is measured."""
    received = {"requests": requests, "records": 20, "people": 19, "over": over, "seconds": seconds}
    return {"seconds": seconds, "cpu_seconds": 1.0, "peak_mib": 300.0, "told": told, "received": received}


PARTS_MEASURED: dict[str, dict[str, Any]] = {
    "throughput": {
        "rows": 100_000,
        "bare loop": {**step(1.0), "told": 1.0},
        "first run": step(2.5),
        "second run, nothing changed": step(1.0, requests=1),
        "one per cent changed": step(1.0),
        "plan of everything": step(1.0),
    },
    "latency": {"rows": 100, "bare loop": step(1.0, requests=641), "first run": step(1.0, requests=577)},
    "limit": {"rows": 100, "first run": step(10.0, requests=97, over=1)},
    "peers": {"rows": 20, "kith": step(1.0), "dlt": {"skipped": "dlt cannot be installed: no network"}},
    "difference": {"rows": 100, "difference and change set": step(31.0, planned=1)},
}


def test_each_part_of_the_bench_is_in_the_page_with_its_goal_and_its_command() -> None:
    assert PARTS_MEASURED.keys() == PARTS.keys()
    page = render({}, PARTS_MEASURED)
    for figure in figures(PARTS_MEASURED):
        assert figure.what in page
        assert f"`{figure.command}`" in page
    assert "dlt cannot be installed: no network" in page
    assert "1 lost, 1 twice" in page


@pytest.mark.parametrize(
    ("what", "measured", "met"),
    [
        ("first run, end to end", "40,000 rows/s", False),
        ("second run, nothing changed", "1.0 s, 1 requests", False),
        ("20 a request: sending", "90%", True),
        ("a limit of 10 requests a second", "96.0% over 97 requests, 1 over it", False),
        (": difference and change set", "31.0 s", False),
        ("profiles: its most memory", "300 MiB", True),
    ],
)
def test_a_goal_is_met_or_missed_by_its_figure(what: str, measured: str, met: bool) -> None:
    found = [figure for figure in figures(PARTS_MEASURED) if what in figure.what]
    assert all(figure.measured.startswith(measured) and figure.met is met for figure in found) and found
