from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kith.load import load_folder
from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse
from tests.path.ragged import TABLES
from tests.support.raw import rows_of, write_raw

pytestmark = [pytest.mark.build, pytest.mark.slow]

LOAD = """
from orchestration.definitions import defs
print(sorted(job.name for job in defs.resolve_all_job_defs()))
print(len(list(defs.resolve_asset_graph().get_all_asset_keys())))
print("pools", sorted({str(asset.op.pool) for asset in defs.assets}))
"""
RUN = """
import sys
from dagster import AssetKey, DagsterInstance
from orchestration.definitions import defs
selected = [AssetKey(name.split("/")) for name in sys.argv[1:]] or None
with DagsterInstance.ephemeral() as instance:
    job = defs.resolve_job_def("whole_path")
    result = job.execute_in_process(instance=instance, raise_on_error=False, asset_selection=selected)
    checks = result.get_asset_check_evaluations()
    made = sorted("/".join(event.asset_key.path) for event in result.get_asset_materialization_events())
    broken = [event for event in result.all_events if event.is_failure]
    print("broken", [(event.step_key, str(event.event_specific_data)[-2000:]) for event in broken])
    print("checks", len(checks))
    print("failed", sorted(check.check_name for check in checks if not check.passed))
    print("syncs", [name for name in made if name.startswith("sync/")])
    print("models", len([name for name in made if not name.startswith("sync/")]))
"""


CARRIED = (
    "activation/sync_file__cart_abandoners",
    "activation/sync_hubspot__contacts",
    "sync/cart_abandoners",
    "sync/hubspot_contacts",
)


def python(
    settings: Settings, code: str, *words: str, timeout: float = 400
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**settings.environment, "KITH_SYNC_SANDBOX": "1"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def told(ran: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert ran.returncode == 0, ran.stderr[-3000:]
    lines = [line.partition(" ") for line in ran.stdout.splitlines()]
    return {name: rest for name, _, rest in lines}


def test_definitions_load_without_a_warehouse(duckdb_settings: Settings) -> None:
    loaded = python(duckdb_settings, LOAD)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert "whole_path" in loaded.stdout
    assert loaded.stdout.endswith("pools ['warehouse_writer']\n")
    assert not (duckdb_settings.home / "warehouse.duckdb").exists()


def test_where_many_may_write_at_a_time_syncs_wait_for_no_turn(duckdb_settings: Settings) -> None:
    server = {"KITH_TARGET": "postgres"}
    loaded = python(replace(duckdb_settings, environment={**duckdb_settings.environment, **server}), LOAD)
    assert loaded.stdout.endswith("pools ['None', 'warehouse_writer']\n"), loaded.stderr


def test_the_job_walks_the_whole_path_and_a_gate_holds_its_sync_alone(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load_folder(duckdb_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    first = told(python(duckdb_settings, RUN))
    assert first["broken"] == "[]"
    assert first["failed"] == "[]"
    assert first["syncs"] == "['sync/cart_abandoners', 'sync/hubspot_contacts']"
    assert int(first["models"]) > 80
    assert int(first["checks"]) > 100

    with open_warehouse(duckdb_settings).connect() as connection:
        connection.execute("delete from marts.profiles")
    second = told(python(duckdb_settings, RUN, *CARRIED))
    assert second["failed"] == "['gate_hubspot_contacts']"
    assert second["syncs"] == "['sync/cart_abandoners']"
    runs = [run["sync"] for run in rows_of(duckdb_settings, "ops", "sync_runs")]
    assert sorted(runs) == ["cart_abandoners", "cart_abandoners", "hubspot_contacts"]


SCHEDULES = """
from orchestration.definitions import defs
for schedule in defs.schedules:
    names = [node.name for node in defs.resolve_job_def(schedule.job_name).nodes]
    told = sorted(name for name in names if "sync__" in name[:6] or "gate_" in name)
    print(schedule.name, schedule.cron_schedule, schedule.execution_timezone, told, len(names))
"""


@pytest.mark.parametrize(
    ("run", "schedules"),
    [
        ('{cron: "15 6 * * mon-fri"}', ["15 6 * * mon-fri UTC ['sync__hubspot_contacts'] 1"]),
        ("manual", []),
    ],
)
def test_a_sync_that_does_not_go_upstream_is_not_in_the_whole_path(
    duckdb_settings: Settings, tmp_path: Path, run: str, schedules: list[str]
) -> None:
    root = tmp_path / "project"
    left = shutil.ignore_patterns("*.py", "__pycache__")
    for part in ("dbt_project", "reverse_etl"):
        shutil.copytree(PACKAGE_ROOT / part, root / part, ignore=left)
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root)
    file = root / "reverse_etl" / "syncs" / "hubspot_contacts.yml"
    text = file.read_text(encoding="utf-8")
    assert "run: on_upstream" in text
    file.write_text(text.replace("run: on_upstream", f"run: {run}"), encoding="utf-8")

    environment = {**duckdb_settings.environment, "KITH_PROJECT": str(root)}
    found = told(python(replace(duckdb_settings, environment=environment), SCHEDULES))
    assert [found[name] for name in found if name == "sync_hubspot_contacts_schedule"] == schedules
    assert "sync__cart_abandoners" in found["daily"]
    assert "hubspot" not in found["daily"]
