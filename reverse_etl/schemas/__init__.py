"""The published JSON Schemas of the files that users write, made from the models that check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reverse_etl.config.models import SyncFile
from reverse_etl.destinations import kinds

FOLDER = Path(__file__).resolve().parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def sync_schema() -> dict[str, Any]:
    """The schema of reverse_etl/syncs/*.yml. A field may be a column's name instead of a rule."""
    schema = SyncFile.model_json_schema(by_alias=True)
    rule = schema["properties"]["fields"]["additionalProperties"]
    schema["properties"]["fields"]["additionalProperties"] = {"anyOf": [{"type": "string"}, rule]}
    return {"$schema": DIALECT, **schema, "title": "A Kith sync"}


def destinations_schema() -> dict[str, Any]:
    """The schema of reverse_etl/destinations.yml: an account by name, of any kind."""
    return {
        "$schema": DIALECT,
        "title": "Kith's destinations",
        "type": "object",
        "additionalProperties": {"oneOf": [kind.config.model_json_schema() for kind in kinds().values()]},
    }


def published() -> dict[str, str]:
    """File name → text, as it is committed."""
    schemas = {"sync.json": sync_schema(), "destinations.json": destinations_schema()}
    return {name: json.dumps(schema, indent=2, sort_keys=True) + "\n" for name, schema in schemas.items()}


def write() -> list[Path]:
    """Write every schema; the files written."""
    for name, text in published().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return [FOLDER / name for name in published()]
