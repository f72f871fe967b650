"""The search for canaries at every test's end finds what it is meant to find."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reverse_etl.state.journal import open_journal
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.sweep import find_leaks
from tests.reverse_etl.world import TOKEN


def test_a_leak_is_found_wherever_it_is_planted(make_world: Made, caplog: pytest.LogCaptureFixture) -> None:
    world = make_world(people=5)
    world.run()
    assert find_leaks(world) == []
    home = world.settings.home

    planted: list[Path] = []
    for name in ("spoken.log", "plans/extra.json"):
        path = home / name
        path.write_text(f"Bearer {TOKEN}, canary3@canary.example")
        planted.append(path)
        assert find_leaks(world) == [f"the token is in {name}", f"a person is in {name}"]
        path.unlink()

    world.said.append("refused: Canaria4")
    assert find_leaks(world) == ["a person is in a report or an error"]
    world.said.pop()

    logging.getLogger("reverse_etl.leak").warning("sent +34600771000001")
    assert find_leaks(world, caplog.text) == ["a person is in the terminal or a log"]
    caplog.clear()

    with open_journal(home) as journal:
        journal._db.execute("update runs set message = 'canary2@canary.example'")
        journal._db.commit()
    assert any("the journal's runs" in leak for leak in find_leaks(world))
    with open_journal(home) as journal:
        journal._db.executescript("update runs set message = null; pragma wal_checkpoint(truncate); vacuum")
        journal._db.execute("pragma wal_checkpoint(truncate)")

    world.sql(f"update ops.sync_runs set message = '{TOKEN}'")
    assert "the token is in ops.sync_runs" in find_leaks(world)
    world.sql("update ops.sync_runs set message = null", "drop table activation.sync_hubspot__contacts")
    # What DuckDB's file keeps of the token until it is written anew would be found as well.
    (home / "warehouse.duckdb").unlink()
