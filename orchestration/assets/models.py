"""The dbt project as assets, its tests as their checks."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from kith.alerts.noted import note_nodes, noting_build
from kith.build import publish_read_copy, staged_build
from kith.build.invocation import dbt_environment, process_environment, profiles_folder
from kith.build.project import shown_project
from kith.build.record import outcomes, read_nodes
from orchestration.project import WRITER, manifest, settings
from reverse_etl.settings import Settings
from reverse_etl.upstream import record_builds


def dbt_resource(found: Settings) -> DbtCliResource:
    """dbt as Dagster calls it: the executable beside this Python, the folders that `kith build` uses."""
    return DbtCliResource(
        project_dir=str(shown_project(found)),
        profiles_dir=str(profiles_folder(found)),
        target=found.target,
        dbt_executable=str(Path(sys.executable).parent / "dbt"),
        global_config_flags=["--log-path", str(found.home / "logs"), "--no-use-colors"],
    )


@dbt_assets(manifest=manifest(), name="kith_models", pool=WRITER)
def kith_models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Build and test every model, then publish the read copy, as `kith build` does."""
    found = settings()
    target = found.home / "dbt"
    (target / "run_results.json").unlink(missing_ok=True)
    with noting_build(found):
        try:
            with staged_build(found) as staging, process_environment(dbt_environment(staging.settings)):
                yield from dbt.cli(["build"], context=context, target_path=target).stream()
                staging.good = True
        finally:
            nodes = read_nodes(target)
            note_nodes(found, nodes, whole=not context.is_subset, began=bool(nodes))
            record_builds(found, outcomes(nodes))
        publish_read_copy(found)
