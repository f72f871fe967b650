"""The README's commands run as written, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kith.cli import COMMANDS
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.conftest import LONG
from tests.support.cli import KITH, run_kith

README = (PACKAGE_ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    PACKAGE_ROOT / "README.md",
    PACKAGE_ROOT / "CONTRIBUTING.md",
    *sorted((PACKAGE_ROOT / "docs").rglob("*.md")),
]


def shell_lines() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [
        shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()
    ]


def test_the_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PACKAGE_ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8"))
    }
    assert {words[1] for words in shell_lines() if words[0] == "make"} == {"demo", "test"}
    assert named <= targets


def test_the_commands_that_pages_name_exist() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"`(?:\.venv/bin/)?kith ([a-z]+)", text))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PACKAGE_ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not dead


@pytest.mark.build
@pytest.mark.slow
def test_the_readme_walks_from_the_demo_to_a_person(duckdb_settings: Settings) -> None:
    """Every `kith` line of the README, in order, on a small demo in a home of its own, on today's date."""
    environment = {k: v for k, v in duckdb_settings.environment.items() if k != "KITH_NOW"}
    duckdb_settings = replace(duckdb_settings, environment=environment)
    told = run_kith(duckdb_settings, "demo", "--people", "300", "--json")
    assert told.returncode == 0, told.stderr
    lines = [words for words in shell_lines() if words[0] == ".venv/bin/kith"]
    assert len(lines) >= 4
    for words in lines:
        moved = [word.replace(".kith/", f"{duckdb_settings.home}/") for word in words[1:]]
        ran = subprocess.run(
            [str(KITH), *moved],
            env=dict(duckdb_settings.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        # The doctor is right to say that no account has been named yet.
        assert ran.returncode == (1 if moved == ["doctor"] else 0), (words, ran.stdout, ran.stderr)
        assert "Traceback" not in ran.stderr
        assert "HELD" not in ran.stdout + ran.stderr, ran.stdout

    shown = run_kith(duckdb_settings, "person", "show", "ana@example.com")
    assert shown.stdout.startswith("Ana Ruiz")
    if LONG:  # As the demo's own end shows, and CI before its tests.
        again = run_kith(duckdb_settings, "demo", "--people", "300")
        assert again.returncode == 0, again.stderr
        syncs = [line for line in again.stdout.splitlines() if line.startswith("sync")]
        assert all(" 0 delivered" in line for line in syncs)
