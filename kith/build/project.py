"""The dbt project as dbt is shown it: without sources that are off, whose models it would read too."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kith.sources.declarations import project_variables
from reverse_etl.settings import Settings

STAGING = Path("models", "staging")
WRITTEN_BY_DBT = ("target", "logs", "dbt_packages")


def shown_project(settings: Settings, variables: Mapping[str, Any] | None = None) -> Path:
    """A folder of links to the project's files; one folder for each set of sources that are off.

    Args:
        settings: where the project is, and the home in which the folder is kept.
        variables: dbt variables that override the project's.
    """
    off = sources_off(settings, variables or {})
    name = hashlib.sha256(" ".join(off).encode()).hexdigest()[:12]
    folder = settings.home / "dbt" / f"project-{name}"
    wanted = set(_files(settings.dbt_project, off))
    for gone in _links(folder) - wanted:
        (folder / gone).unlink(missing_ok=True)
    for file in sorted(wanted):
        _link(settings.dbt_project / file, folder / file)
    return folder


def sources_off(settings: Settings, variables: Mapping[str, Any]) -> Sequence[str]:
    """The names of the sources that are off, in order."""
    declared = {**project_variables(settings.dbt_project), **variables}
    return sorted(name for name in declared.get("source_models", {}) if not _enabled(declared.get(name)))


def _enabled(variable: Any) -> bool:
    return not isinstance(variable, Mapping) or bool(variable.get("enabled", True))


def _files(project: Path, off: Sequence[str]) -> Iterator[Path]:
    """Every file of the project that dbt may read, relative to it."""
    hidden = {*map(Path, WRITTEN_BY_DBT), *(STAGING / name for name in off)}
    for parent, folders, files in os.walk(project):
        here = Path(parent).relative_to(project)
        folders[:] = [name for name in folders if here / name not in hidden]
        yield from (here / name for name in files)


def _links(folder: Path) -> set[Path]:
    return {
        (Path(parent) / name).relative_to(folder) for parent, _, files in os.walk(folder) for name in files
    }


def _link(file: Path, link: Path) -> None:
    """The link, made whole or not at all: another build may make the same one."""
    if link.is_symlink() and link.readlink() == file:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    made = link.with_name(f".{link.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(file)
    made.replace(link)
