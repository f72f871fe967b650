"""Builds of some sources alone, and what became of their rows."""

from __future__ import annotations

from typing import Any

from kith.sources.declarations import project_variables
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.support.raw import rows_of

# They read no raw table: what they say is the same in every build, and the builds of tests/path run them all.
UNIT_TESTS = ("resource_type:unit_test",)
TESTS = ("resource_type:test", *UNIT_TESTS)


def only(*sources: str, **settings_of: dict[str, Any]) -> dict[str, Any]:
    """dbt variables that switch these sources on and all others off; more settings by a source's name."""
    declared = project_variables(PACKAGE_ROOT / "dbt_project")["source_models"]
    return {name: {"enabled": name in sources, **settings_of.get(name, {})} for name in declared}


def accounting(settings: Settings) -> dict[tuple[str, str], tuple[int, ...]]:
    """(source, table) → raw, staged, quarantined and duplicate rows over all loads."""
    kinds = ("raw", "staged", "quarantined", "duplicate")
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for row in rows_of(settings, "staging", "raw_accounting"):
        key = (row["source"], row["table"])
        counts = (int(row[f"{kind}_rows"]) for kind in kinds)
        found[key] = tuple(map(sum, zip(found.get(key, (0, 0, 0, 0)), counts, strict=True)))
    return found
