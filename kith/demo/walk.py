"""The whole path on generated sources, step by step; each step is what its own command runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kith.demo.generate import generate
from kith.demo.sources import rooms
from kith.load import LoadReport, load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.base import qualified


@dataclass(frozen=True)
class Parameters:
    """What the generated sources are a function of, and the warehouse that they were loaded into."""

    people: int
    seed: int
    now: str
    target: str
    sources: list[str]


@dataclass(frozen=True)
class RawTables:
    """What stands in the demo's raw schemas.

    Attributes:
        fresh: whether this run loaded it, or found it loaded.
    """

    tables: int
    sources: int
    rows: int
    fresh: bool


def demo_folder(settings: Settings) -> Path:
    """Where the demo keeps its raw files, its truth and what it delivers as files."""
    return settings.home / "demo"


def make_sources(settings: Settings, people: int, seed: int, sources: Sequence[str] = ()) -> RawTables:
    """Generate and load; nothing is done when the very same sources are loaded already.

    Args:
        sources: further ones beside the four that are always there.
    """
    wanted = Parameters(people, seed, settings.now.isoformat(), settings.target, list(sources))
    note = demo_folder(settings) / "loaded.json"
    before = _read_note(note)
    if before and before["parameters"] == asdict(wanted) and _still_loaded(settings):
        return RawTables(**before["raw"], fresh=False)
    note.unlink(missing_ok=True)
    generate(demo_folder(settings), people=people, seed=seed, now=settings.now, sources=sources)
    report = load_folder(settings, demo_folder(settings) / "raw", append=False)
    if before and before["parameters"].get("target") == settings.target:
        _drop(settings, set(before["parameters"].get("sources", [])) - set(sources))
    raw = _counted(report)
    note.write_text(json.dumps({"parameters": asdict(wanted), "raw": raw}), encoding="utf-8")
    return RawTables(**raw, fresh=True)


def _drop(settings: Settings, sources: set[str]) -> None:
    """Remove the tables of sources that the demo loaded before and that are no part of it any more."""
    tables = [(room.source, name) for room in rooms(sorted(sources)) for name in room.tables]
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        for schema, name in tables:
            connection.execute(f"drop table if exists {qualified((schema, name), warehouse.dialect)}")


def _counted(report: LoadReport) -> dict[str, int]:
    return {
        "tables": len(report.tables),
        "sources": len({table.schema for table in report.tables}),
        "rows": sum(table.rows for table in report.tables),
    }


def _read_note(note: Path) -> dict[str, dict[str, Any]] | None:
    try:
        found: dict[str, dict[str, Any]] = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _still_loaded(settings: Settings) -> bool:
    with open_warehouse(settings).connect() as connection:
        return connection.columns("segment", "pages") is not None
