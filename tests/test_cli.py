from __future__ import annotations

import time
from pathlib import Path

import pytest

from kith.cli import COMMANDS
from reverse_etl.settings import Settings
from tests.support.cli import run_kith
from tests.support.raw import write_raw

HEAVY = ("dbt", "dagster", "great_expectations", "pandas", "pyarrow", "aiohttp", "duckdb")


def test_help_imports_nothing_heavy(duckdb_settings: Settings) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from kith.cli import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str, duckdb_settings: Settings) -> None:
    shown = run_kith(duckdb_settings, command, "--help")
    assert shown.returncode == 0
    assert "Usage: kith" in shown.stdout
    assert not shown.stderr


def test_an_unknown_command_is_a_usage_error(duckdb_settings: Settings) -> None:
    refused = run_kith(duckdb_settings, "bulid")
    assert refused.returncode == 2
    assert "No such command 'bulid'" in refused.stderr


@pytest.mark.parametrize("words", [("sandbox", "--port", "99999"), ("person", "show", "x", "--events", "-3")])
def test_a_number_that_cannot_be_is_a_usage_error(duckdb_settings: Settings, words: tuple[str, ...]) -> None:
    refused = run_kith(duckdb_settings, *words)
    assert refused.returncode == 2
    assert "is not in the range" in refused.stderr


def test_an_unknown_target_names_those_that_there_are(duckdb_settings: Settings) -> None:
    refused = run_kith(duckdb_settings, "build", extra={"KITH_TARGET": "duckbd"})
    assert refused.returncode == 2
    assert "no output `duckbd`" in refused.stderr
    assert "duckdb" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_clock_that_is_no_time_is_refused(duckdb_settings: Settings) -> None:
    refused = run_kith(duckdb_settings, "build", extra={"KITH_NOW": "yesterday"})
    assert refused.returncode == 2
    assert "KITH_NOW is no ISO time" in refused.stderr


def test_showing_a_person_before_the_first_build_says_what_to_run(duckdb_settings: Settings) -> None:
    refused = run_kith(duckdb_settings, "person", "show", "ana@example.com")
    assert refused.returncode == 1
    assert "kith build" in refused.stderr
    assert "ana@" not in refused.stderr


def test_help_is_there_at_once(duckdb_settings: Settings) -> None:
    """Not a speed test: an import of dbt alone would take longer than this bound."""
    start = time.monotonic()
    run_kith(duckdb_settings, "--help")
    assert time.monotonic() - start < 2


def test_what_kith_writes_is_for_its_user_alone(duckdb_settings: Settings, tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "raw", {"shopify/customer.csv": "id,_fivetran_synced\n1,2026-11-01\n"})
    assert run_kith(duckdb_settings, "load", str(folder)).returncode == 0
    written = [duckdb_settings.home, *duckdb_settings.home.rglob("*")]
    assert duckdb_settings.home / "warehouse.duckdb" in written
    assert not [path for path in written if path.stat().st_mode & 0o077]
