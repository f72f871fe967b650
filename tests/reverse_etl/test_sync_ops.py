"""What dbt makes of the engine's own tables: before its first run, and after."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import yaml

from kith.build.invocation import dbt_arguments, dbt_environment, process_environment
from kith.build.run import release_warehouse
from reverse_etl.sandbox import Faults
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import open_warehouse
from tests.reverse_etl.world import World
from tests.support.macros import PROJECT, macros_alone

pytestmark = pytest.mark.build

DAILY = (
    "select sync, destination, cast(day as text), runs_count, failed_runs_count, held_runs_count, planned, "
    "delivered, rejected, deferred from ops.sync_daily"
)


def build_ops(settings: Settings) -> dict[str, str]:
    """Build the project's models over `ops`, and no other; node → status."""
    from dbt.cli.main import dbtRunner

    folder = macros_alone(settings.home / "ops_alone")
    declared = yaml.safe_load((folder / "dbt_project.yml").read_text())
    models = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["kith"]["ops"]
    (folder / "dbt_project.yml").write_text(yaml.safe_dump({**declared, "models": {"kith": {"ops": models}}}))
    shutil.copytree(PROJECT / "models" / "ops", folder / "models" / "ops", dirs_exist_ok=True)
    for part in ("ops", "generic"):
        shutil.copytree(PROJECT / "tests" / part, folder / "tests" / part, dirs_exist_ok=True)
    arguments = dbt_arguments(settings, ["--quiet", "build"])
    arguments[arguments.index("--project-dir") + 1] = str(folder)
    with process_environment(dbt_environment(settings)):
        outcome: Any = dbtRunner().invoke(arguments)
    release_warehouse()
    assert outcome.success, str(outcome.exception)
    return {result.node.name: str(result.status) for result in outcome.result}


def assert_dbt_makes_the_engine_s_tables(world: World) -> None:
    """Column for column, before the engine has run."""
    build_ops(world.settings)
    with open_warehouse(world.settings).connect() as connection:
        for name in (tables.RUNS, tables.REJECTS):
            made = connection.columns(tables.SCHEMA, name)
            connection.make_table("activation", name, tables.TABLES[name])
            assert made == connection.columns("activation", name)
        assert connection.columns(tables.SCHEMA, tables.RECORDS) is None


def test_the_tables_that_dbt_makes_are_the_engine_s(any_world: World) -> None:
    assert_dbt_makes_the_engine_s_tables(any_world)


def test_the_engine_s_runs_are_told_by_day_and_what_does_not_add_up_is_found(any_world: World) -> None:
    assert build_ops(any_world.settings)["assert_syncs_add_up"] == "pass"
    assert any_world.sql(DAILY) == []

    any_world.add_people(range(20))
    any_world.sandbox.set_faults(Faults(fail_values={"Given3"}))
    any_world.run()
    any_world.set(5, given_name="Other")
    any_world.run()
    # The views were built before the first sync, and tell of it without another build.
    counts = ("contacts", "hubspot", "2026-11-20", 2, 0, 0, 21, 20, 1, 0)
    assert any_world.sql(DAILY) == [counts]
    reasons = any_world.sql("select class, reason, records_count, parked_count from ops.sync_reject_reasons")
    assert reasons == [("record", "VALIDATION_ERROR", 1, 0)]
    assert build_ops(any_world.settings)["assert_syncs_add_up"] == "pass"
    assert any_world.sql(DAILY) == [counts]

    any_world.sql(
        "update ops.sync_runs set deferred = 7 where planned = 20",
        "delete from ops.sync_runs where planned = 1",
        "update ops.sync_rejects set class = null",
    )
    assert build_ops(any_world.settings)["assert_syncs_add_up"] == "warn"
