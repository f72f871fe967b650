"""The benchmark's own parts: what it makes, and the query that it measures against."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.models.by_hand import write_events
from benchmarks.models.data import Load, write_raw


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
