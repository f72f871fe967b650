"""SQL from the project's macros: a project of macros and variables, without a model, parses at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from kith.build.invocation import dbt_arguments, dbt_environment, process_environment
from reverse_etl.settings import PACKAGE_ROOT, Settings

PROJECT = PACKAGE_ROOT / "dbt_project"


def compiled(settings: Settings, sql: str) -> str:
    """`sql` with its macros, in the words of the settings' engine.

    Raises:
        AssertionError: dbt failed; its message.
    """
    from dbt.cli.main import dbtRunner

    arguments = dbt_arguments(settings, ["--quiet", "compile", "--inline", sql])
    arguments[arguments.index("--project-dir") + 1] = str(macros_alone(settings.home / "macros_alone"))
    with process_environment(dbt_environment(settings)):
        outcome = dbtRunner().invoke(arguments)
    assert outcome.success, str(outcome.exception)
    return str(outcome.result.results[0].node.compiled_code)


def macros_alone(folder: Path) -> Path:
    """The project's macros and variables, without a model."""
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    shutil.copytree(PROJECT / "macros", folder / "macros", dirs_exist_ok=True)
    kept = {name: declared[name] for name in ("name", "version", "config-version", "profile", "vars")}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(kept), encoding="utf-8")
    return folder
