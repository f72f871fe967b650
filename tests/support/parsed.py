"""dbt's parse of the project, shared by the tests' homes: a fresh one starts as if it had been built before.

Parsing is most of a small build. dbt parses anew where the warehouse's path is another, which no node says;
PostgreSQL's carry the database's name, so there each home parses for itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reverse_etl.settings import PACKAGE_ROOT

SHARED = ("duckdb", "spark")
PROJECT = PACKAGE_ROOT / "dbt_project"


@contextmanager
def shared_parses(folder: Path) -> Iterator[None]:
    """In this process, for the block.

    Args:
        folder: where the parses lie; other processes may use it, too.
    """
    from dbt.parser.manifest import PARTIAL_PARSE_FILE_NAME, ManifestLoader

    read = ManifestLoader.read_manifest_for_partial_parse
    write = ManifestLoader.write_manifest_for_partial_parse
    parsable = ManifestLoader.is_partial_parsable

    def places(loader: Any) -> tuple[Path, Path] | None:
        """The home's parse, and the shared one; None where the project is not this one."""
        config = loader.root_project
        engine, root = config.credentials.type, Path(config.project_root)
        declared = root / "dbt_project.yml"
        if engine not in SHARED or declared.resolve() != PROJECT / "dbt_project.yml":
            return None
        name = repr((engine, root.name, sorted(config.cli_vars.items())))
        own = Path(root, config.target_path, PARTIAL_PARSE_FILE_NAME)
        return own, folder / hashlib.sha256(name.encode()).hexdigest()

    def reading(loader: Any) -> Any:
        found = places(loader)
        if found and not found[0].exists() and found[1].exists():
            found[0].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found[1], found[0])
        return read(loader)

    def is_parsable(loader: Any, manifest: Any) -> Any:
        if places(loader):
            manifest.state_check.profile_hash = loader.manifest.state_check.profile_hash
        return parsable(loader, manifest)

    def writing(loader: Any) -> None:
        write(loader)
        found = places(loader)
        if found and not found[1].exists():
            made = found[1].with_suffix(f".{os.getpid()}")
            shutil.copyfile(found[0], made)
            made.replace(found[1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ManifestLoader, "read_manifest_for_partial_parse", reading)
        patch.setattr(ManifestLoader, "write_manifest_for_partial_parse", writing)
        patch.setattr(ManifestLoader, "is_partial_parsable", is_parsable)
        yield
