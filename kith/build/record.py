"""What a build says of the activation models, for the guards of the syncs that read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from kith.build.report import NodeResult, models_of
from reverse_etl.config.declared import MODEL_SCHEMA


def outcomes(nodes: Iterable[NodeResult]) -> list[tuple[str, str | None]]:
    """(activation model, why its build failed or None): it was not built, or a test that reads it failed."""
    every = list(nodes)
    tested = {name: node for node in every if node.kind != "model" and node.failed for name in node.reads}
    first = next((node for node in every if node.failed), None)
    found: list[tuple[str, str | None]] = []
    for node in every:
        if node.kind != "model" or node.schema != MODEL_SCHEMA:
            continue
        why = None
        if node.status != "success":
            cause = node if node.failed else first
            why = f"{cause.kind} {cause.name}" if cause else node.status
        elif node.name in tested:
            why = f"{tested[node.name].kind} {tested[node.name].name}"
        found.append((node.name, why))
    return found


def read_nodes(target: Path) -> list[NodeResult]:
    """The nodes of a build by dbt's own command, from the artifacts in its target folder; none where it wrote
    none."""
    try:
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        known = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError):
        return []
    nodes = [(result, known[result["unique_id"]]) for result in results if result["unique_id"] in known]
    return [
        NodeResult(
            node["name"],
            node["resource_type"],
            result["status"],
            "",
            float(result["execution_time"]),
            node.get("schema", ""),
            models_of(node["depends_on"].get("nodes", [])),
        )
        for result, node in nodes
    ]
