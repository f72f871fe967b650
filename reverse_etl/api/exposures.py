"""The syncs as dbt exposures: the lineage from a raw table to the tool that it ends in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reverse_etl.config import load_definitions
from reverse_etl.config.columns import check_model
from reverse_etl.config.declared import MODEL_SCHEMA
from reverse_etl.config.load import Definitions, Sync, shown_path
from reverse_etl.config.problems import refuse
from reverse_etl.config.validate import check_sync
from reverse_etl.settings import Settings

HEAD = "# Written by `kith sync exposures` from reverse_etl/syncs: change a sync, and write it anew.\n"


@dataclass(frozen=True)
class Exposures:
    """The file of exposures.

    Attributes:
        path: relative to the project's folder.
        names: one a sync.
        current: False when the file says something else than the syncs, or is absent.
    """

    path: str
    names: list[str]
    current: bool


def check_exposures(settings: Settings) -> Exposures:
    """Whether the file says what the syncs say.

    Raises:
        UsageError: a sync's file has mistakes.
    """
    definitions = _definitions(settings)
    path = exposures_file(settings)
    current = path.is_file() and path.read_text(encoding="utf-8") == text_of(settings, definitions)
    return Exposures(shown_path(path, settings), list(definitions.syncs), current)


def write_exposures(settings: Settings) -> Exposures:
    """Write the file.

    Raises:
        UsageError: a sync's file has mistakes, or its model is none.
    """
    definitions = _definitions(settings)
    for sync in definitions.syncs.values():
        refuse([*check_sync(sync, definitions), *check_model(sync, settings, None)])
    path = exposures_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(settings, definitions), encoding="utf-8")
    return Exposures(shown_path(path, settings), list(definitions.syncs), current=True)


def exposures_file(settings: Settings) -> Path:
    """Beside the models that the syncs read."""
    return settings.dbt_project / "models" / MODEL_SCHEMA / "_exposures.yml"


def text_of(settings: Settings, definitions: Definitions) -> str:
    """The file's text. A project that imports this one has syncs of its own, and may not build these models:
    so the exposures are there in the project that they were written in alone."""
    project = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))
    enabled = f"{{{{ (project_name == '{project['name']}') | as_bool }}}}"
    exposures = [_exposure(sync, enabled) for sync in definitions.syncs.values()]
    found = {"version": 2, "exposures": exposures}
    return HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)


def _definitions(settings: Settings) -> Definitions:
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    return definitions


def _exposure(sync: Sync, enabled: str) -> dict[str, Any]:
    file = sync.file
    meta = {
        "destination": file.destination,
        "object": file.object,
        "mode": file.mode,
        "purpose": file.purpose,
        "channel": file.channel,
    }
    return {
        # dbt takes letters, digits and underscores alone.
        "name": re.sub(r"\W", "_", f"sync_{sync.name}", flags=re.ASCII),
        "label": f"{sync.name} → {file.destination}",
        "type": "application",
        "description": _plain(file.description),
        "owner": {"name": _plain(file.owner), **({"email": file.owner} if "@" in file.owner else {})},
        "depends_on": [f"ref('{file.model}')"],
        "config": {"enabled": enabled, "meta": {name: value for name, value in meta.items() if value}},
    }


def _plain(text: str) -> str:
    """dbt renders what it reads: words of a person are no template."""
    return text.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")
