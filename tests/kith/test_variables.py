from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kith.sources import read_sources
from kith.sources.variables import ProjectVariables
from reverse_etl.errors import UsageError
from reverse_etl.settings import Settings


@pytest.fixture
def project(duckdb_settings: Settings, tmp_path: Path) -> Settings:
    """A copy of the project's declarations that a test may spoil."""
    root = tmp_path / "project"
    shutil.copytree(
        duckdb_settings.dbt_project,
        root / "dbt_project",
        ignore=lambda _, names: [name for name in names if Path(name).suffix not in ("", ".yml")],
    )
    return replace(duckdb_settings, root=root)


def spoil(settings: Settings, old: str, new: str) -> int:
    """Write `new` for `old` in dbt_project.yml; the line where it stands."""
    path = settings.dbt_project / "dbt_project.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "shopify: {enabled: true}",
            "shopify: {enabled: maybe}",
            "`shopify.enabled`: input should be a valid",
        ),
        ("shopify: {enabled: true}", "shopify: {enabeld: true}", "`shopify.enabeld`. Nearest: `enabled`."),
        ("shopify: {enabled: true}", "shopfy: {enabled: true}", "`shopfy`. Nearest: `shopify`."),
        (
            "shopify: {enabled: true}",
            "shopify: {loader: fivetrn}",
            "`shopify.loader`: input should be 'fivetran'",
        ),
        ("shopify: {enabled: true}", "shopify: {tables: {ordr: o}}", "no table `ordr`. Nearest: `order`."),
        ("shopify: {enabled: true}", "shopify: yes", "`shopify`: input should be"),
        ("session_minutes: 30", "session_minutes: 0", "`session_minutes`: input should be greater"),
        ("base_currency: EUR", "base_currency: eur", "`base_currency`: string should match"),
    ],
)
def test_a_wrong_variable_is_told_with_its_line(project: Settings, old: str, new: str, message: str) -> None:
    line = spoil(project, old, new)
    with pytest.raises(UsageError) as caught:
        read_sources(project)
    assert f"dbt_project/dbt_project.yml:{line}  " in str(caught.value)
    assert message in str(caught.value)


def test_a_variable_that_is_gone_is_named(project: Settings) -> None:
    spoil(project, "session_minutes: 30", "")
    with pytest.raises(UsageError, match="the variable `session_minutes` is required"):
        read_sources(project)


def test_variables_given_over_the_projects_are_held_to_the_same(project: Settings) -> None:
    with pytest.raises(UsageError, match=r"--vars:1  unknown variable `shopify.enabeld`"):
        read_sources(project, {"shopify": {"enabeld": False}})
    assert not next(
        s for s in read_sources(project, {"shopify": {"enabled": False}}) if s.name == "shopify"
    ).enabled


def test_every_variable_that_a_model_reads_is_known(duckdb_settings: Settings) -> None:
    read = {
        name
        for folder in ("macros", "models")
        for file in (duckdb_settings.dbt_project / folder).rglob("*.sql")
        for name in re.findall(r"""\bvar\(['"](\w+)['"]""", file.read_text())
    }
    assert read
    assert read <= set(ProjectVariables.model_fields)
