"""`kith` on a laptop's Spark: the demo from nothing, the next command, and a build that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from reverse_etl.settings import Settings
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.support.cli import KITH, run_kith
from tests.support.tables import read_table, table_names

pytestmark = [
    pytest.mark.build,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.long,
]
KILLED_AFTER = (15.0, 40.0)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, subprocess.CompletedProcess[str]]:
    """The demo, run once in a process of its own."""
    settings = make_settings(tmp_path_factory.mktemp("demo"), "duckdb")
    words = ("demo", "--target", "spark", "--people", "150")
    ended = run_kith(settings, *words, timeout=1200)
    return make_settings(settings.home, "spark"), ended


def test_the_demo_ends_on_a_person_an_audience_and_a_delivery(
    demo: tuple[Settings, subprocess.CompletedProcess[str]],
) -> None:
    _, ended = demo
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for title in ("A person", "An audience", "A delivery"):
        assert f"\n{title} " in ended.stdout
    assert "acknowledged" in ended.stdout


def test_the_next_command_finds_the_person(
    demo: tuple[Settings, subprocess.CompletedProcess[str]],
) -> None:
    settings, _ = demo
    ended = run_kith(settings, "person", "show", "ana@example.com", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["profile"]["email"] == "ana@example.com"
    told = run_kith(settings, "doctor")
    assert "spark on this machine" in told.stdout
    assert "failed" not in told.stdout


def test_a_build_that_was_killed_and_run_again_ends_as_one_that_was_not(
    demo: tuple[Settings, subprocess.CompletedProcess[str]],
) -> None:
    settings, _ = demo
    before = marts(settings)
    server.leave(settings.home / "spark")
    for seconds in KILLED_AFTER:
        process = subprocess.Popen(
            [sys.executable, str(KITH), "build", "--full-refresh"],
            env=dict(settings.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        process.kill()
        process.wait()
    ended = run_kith(settings, "build", timeout=1200)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert marts(settings) == before
    server.leave(settings.home / "spark")


def marts(settings: Settings) -> dict[str, object]:
    """What the marts and the outgoing contracts hold."""
    return {
        f"{schema}.{table}": read_table(settings, schema, table)
        for schema in ("marts", "activation")
        for table in table_names(settings, schema)
    }
