"""The kinds of destination: each is a folder here that offers `KIND`. Adding one touches nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from reverse_etl.destinations.base import (
    Capabilities,
    DestinationConfig,
    Kind,
    Limits,
    Opening,
    Outcome,
    Present,
    Reader,
    Record,
    Sink,
    Snapshot,
)

__all__ = [
    "Capabilities",
    "DestinationConfig",
    "Kind",
    "Limits",
    "Opening",
    "Outcome",
    "Present",
    "Reader",
    "Record",
    "Sink",
    "Snapshot",
    "kinds",
]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name, found by its folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            kind: Kind = importlib.import_module(f"{__name__}.{module.name}").KIND
            found[kind.name] = kind
    return dict(sorted(found.items()))
