"""The published JSON Schema of orchestration/alerts.yml, made from the models that check it."""

from __future__ import annotations

import json
from pathlib import Path

from kith.alerts.config import schema

FILE = Path(__file__).resolve().parent / "alerts.json"


def text() -> str:
    """The file as it is committed."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"
