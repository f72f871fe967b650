"""What the dbt project's YAML says of the activation models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from reverse_etl.settings import Settings

MODEL_SCHEMA = "activation"


@dataclass(frozen=True)
class DeclaredModel:
    """What the dbt project's YAML says of an activation model.

    Attributes:
        columns: column → type, "" when none is given; empty when no column is declared.
        personal: the columns with `meta: {pii: true}`.
    """

    columns: dict[str, str] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()


def declared_models(settings: Settings) -> dict[str, DeclaredModel]:
    """Each activation model of the dbt project."""
    folder = settings.dbt_project / "models" / MODEL_SCHEMA
    found = {path.stem: DeclaredModel() for path in folder.rglob("*.sql")}
    for path in folder.rglob("*.yml"):
        try:
            document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError):
            continue  # dbt says what is wrong with its own files.
        for model in (document or {}).get("models") or []:
            found[model["name"]] = _declared(model.get("columns") or [])
    return found


def _declared(columns: list[dict[str, Any]]) -> DeclaredModel:
    metas = {
        column["name"]: (column.get("config") or {}).get("meta") or column.get("meta") for column in columns
    }
    personal = frozenset(name for name, meta in metas.items() if (meta or {}).get("pii"))
    return DeclaredModel({column["name"]: column.get("data_type") or "" for column in columns}, personal)
