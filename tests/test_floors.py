"""The floors of the house: who may use whom, in Python from the imports and in dbt from the manifest."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kith.build import parse
from kith.sources.declarations import project_variables
from reverse_etl.settings import PACKAGE_ROOT, Settings

FORBIDDEN = {"reverse_etl": {"kith", "orchestration"}, "kith": {"orchestration"}, "orchestration": set[str]()}
# Layer → the layers that its models may read.
READS = {
    "staging": {"staging", "source", "seed"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "seed"},
    "activation": {"marts"},
    "ops": set[str](),
}
SOURCES = tuple(project_variables(PACKAGE_ROOT / "dbt_project")["source_models"])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("floor", sorted(FORBIDDEN))
def test_no_floor_looks_up(floor: str) -> None:
    files = sorted((PACKAGE_ROOT / floor).rglob("*.py"))
    assert files
    looks_up = {
        f"{file.relative_to(PACKAGE_ROOT)} imports {name}"
        for file in files
        for name in imports(file)
        if name in FORBIDDEN[floor]
    }
    assert not looks_up


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from tests.conftest import make_settings

    settings: Settings = make_settings(tmp_path_factory.mktemp("floors"), "duckdb")
    report = parse(settings)
    assert report.succeeded, report.problem
    found: dict[str, Any] = json.loads((settings.home / "dbt" / "manifest.json").read_text())
    return found


def layer(node: dict[str, Any]) -> str:
    if node["resource_type"] in ("source", "seed"):
        return str(node["resource_type"])
    return str(node["fqn"][1])


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.mark.build
def test_each_layer_reads_only_what_lies_below_it(manifest: dict[str, Any]) -> None:
    nodes = {**manifest["nodes"], **manifest["sources"]}
    wrong = {
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in models(manifest)
        for parent in node["depends_on"]["nodes"]
        if layer(nodes[parent]) not in READS[layer(node)]
    }
    assert not wrong


@pytest.mark.build
def test_a_model_below_staging_knows_no_source_by_name(manifest: dict[str, Any]) -> None:
    knowing = {
        f"{node['name']} names {source}"
        for node in models(manifest)
        if layer(node) in ("intermediate", "marts")
        for source in SOURCES
        if source in node["raw_code"].lower()
    }
    assert not knowing


@pytest.mark.build
def test_every_model_and_column_is_described_and_opens_with_its_grain(manifest: dict[str, Any]) -> None:
    silent = []
    for node in models(manifest):
        if not node["description"].lower().startswith(("one row per", "one row for")):
            silent.append(node["name"])
        if not node["columns"] and not node["name"].startswith("base_"):
            silent.append(f"{node['name']} (no column)")
        silent += [
            f"{node['name']}.{name}" for name, column in node["columns"].items() if not column["description"]
        ]
    assert not silent


@pytest.mark.build
def test_marts_and_activation_have_enforced_contracts(manifest: dict[str, Any]) -> None:
    # An audience's SQL says who is in; its table's columns are made by the materialisation, for all alike.
    loose = {
        node["name"]
        for node in models(manifest)
        if layer(node) in ("marts", "activation")
        and node["config"]["materialized"] != "audience"
        and not node["config"]["contract"]["enforced"]
    }
    assert not loose


@pytest.mark.build
def test_every_mart_and_activation_model_is_tested(manifest: dict[str, Any]) -> None:
    keyed = {node.get("attached_node") for node in manifest["nodes"].values()}
    untested = {
        node["name"]
        for node in models(manifest)
        if layer(node) in ("marts", "activation") and node["unique_id"] not in keyed
    }
    assert not untested


@pytest.mark.build
def test_every_sync_is_an_exposure_of_its_model(manifest: dict[str, Any]) -> None:
    found = {
        node["name"]: [name.split(".")[-1] for name in node["depends_on"]["nodes"]]
        for node in manifest["exposures"].values()
    }
    assert found["sync_hubspot_contacts"] == ["sync_hubspot__contacts"]
    assert all(models[0].startswith("sync_") for models in found.values())


def test_keys_of_several_parts_are_joined_by_the_macro_alone() -> None:
    folder = PACKAGE_ROOT / "dbt_project"
    # A number, the registry's last part, holds no bar.
    exempt = {folder / "macros/keys.sql", folder / "models/intermediate/identity/person_id_registry.sql"}
    bare = {
        f"{file.relative_to(folder)}: use joined_key([...]), for a part may hold a bar"
        for file in {*folder.rglob("*.sql")} - exempt
        if re.search(r"\|\|\s*'\|'\s*\|\|", file.read_text(encoding="utf-8"))
    }
    assert not bare
