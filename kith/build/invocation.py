"""The words and the environment of every dbt call, in process or by Dagster."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kith.build.project import shown_project
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.profile import profiles_file
from reverse_etl.warehouse.spark import SparkWarehouse

# dbt's own words, on the screen and in a file, cost time at each of a thousand nodes; the report has them.
SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors")


def dbt_arguments(
    settings: Settings, words: Sequence[str], variables: Mapping[str, Any] | None = None
) -> list[str]:
    """`words` (a dbt command and its options) with Kith's folders and target, and these variables."""
    return [
        *words,
        *(["--vars", json.dumps(variables)] if variables else []),
        "--project-dir",
        str(shown_project(settings, variables)),
        "--profiles-dir",
        str(profiles_folder(settings)),
        "--target",
        settings.target,
        "--target-path",
        str(settings.home / "dbt"),
        "--log-path",
        str(settings.home / "logs"),
    ]


def profiles_folder(settings: Settings) -> Path:
    """A folder with a `profiles.yml`, for dbt knows the file by that name only."""
    source = profiles_file(settings)
    if source.name == "profiles.yml":
        return source.parent
    folder = settings.home / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / "profiles.yml")
    return folder


def dbt_environment(settings: Settings, *, connects: bool = True) -> dict[str, str]:
    """What dbt must find in its environment: Kith's settings, its one clock, no telemetry.

    Args:
        connects: dbt will use the warehouse; a server that is ours to start is up when this returns.
    """
    return {
        **settings.environment,
        **(_reached(settings) if connects else {}),
        "KITH_HOME": str(settings.home),
        "KITH_TARGET": settings.target,
        "KITH_NOW": settings.now.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _reached(settings: Settings) -> dict[str, str]:
    """Where dbt finds Spark: at the address, and in the session, that this process uses."""
    warehouse = open_warehouse(settings)
    if not isinstance(warehouse, SparkWarehouse):
        return {}
    warehouse.session()
    return {"KITH_SPARK_REMOTE": warehouse.address()}


@contextmanager
def process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's environment with `variables` in it; as before at the end. dbt reads no other."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
