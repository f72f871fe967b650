"""docs/add-a-destination.md, done as it stands: its files written, its suite passed, its sync sent."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.conftest import make_settings
from tests.reverse_etl.world import World
from tests.support.pages import Page

pytestmark = pytest.mark.slow

PAGE = Page("add-a-destination.md")
# The page's commands in one process, which imports everything once; what each printed, into a file as JSON:
# the process's own output is not Python's alone (DuckDB draws progress there when a statement takes long).
DRIVER = """
import contextlib, io, json, pathlib, runpy, sys
said, answers = [], pathlib.Path(sys.argv[2])
for words in json.loads(sys.argv[1]):
    sys.argv, module = (words[2:], words[2]) if words[0] == "python" else (words, "kith.cli")
    code, told = 0, io.StringIO()
    with contextlib.redirect_stdout(told):
        try:
            if words[0] == "python":
                runpy.run_module(module, run_name="__main__", alter_sys=True)
            else:
                __import__("kith.cli").cli.main(words[1:])
        except SystemExit as end:
            code = int(end.code or 0)
    said.append([code, told.getvalue()])
answers.write_text(json.dumps(said))
"""


@dataclass
class Company:
    """A company that did what the page says, to the last command.

    Attributes:
        said: command → what it printed.
        before: every file of the package before, by path.
    """

    settings: Settings
    said: dict[str, str]
    before: dict[str, bytes]


def files_of(root: Path) -> dict[str, bytes]:
    folder = root / "reverse_etl"
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    root = tmp_path_factory.mktemp("company")
    with Sandbox() as sandbox:
        world = World.make(make_settings(root / "home", "duckdb"), sandbox, root)
    world.add_people(range(60))
    shutil.rmtree(root / "reverse_etl")
    shutil.copytree(PACKAGE_ROOT / "reverse_etl", root / "reverse_etl")
    before = files_of(root)
    PAGE.write_files(root)
    environment = {**world.settings.environment, "PYTHONPATH": f"{root}:{PACKAGE_ROOT}"}
    commands, answers = PAGE.commands(), root / "home" / "answers.json"
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(commands), str(answers)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = {}
    for words, (code, told) in zip(commands, json.loads(answers.read_text()), strict=True):
        assert code == 0, (words, told, done.stderr)
        said[" ".join(words[:3])] = told
    return Company(replace(world.settings, environment=environment), said, before)


def test_every_block_of_the_page_is_a_file_or_a_command() -> None:
    assert PAGE.has_only_files_and_commands()


def test_the_page_s_destination_passes_the_suite_that_ships(company: Company) -> None:
    assert " passed" in company.said["python -m pytest"]


def test_the_page_s_sync_reaches_the_emulated_account(company: Company) -> None:
    assert "60 delivered" in company.said["kith sync run"]
    assert "60 there now" in company.said["kith sync status"]
    with sqlite3.connect(company.settings.home / "sandbox" / "postbox.db") as kept:
        bodies = [body for (body,) in kept.execute("select body from records")]
    assert len(bodies) == 60
    assert any('"email": "person7@example.com"' in body for body in bodies)


def test_the_page_touches_nothing_but_its_own_folder_and_the_files_that_users_write(
    company: Company,
) -> None:
    after = files_of(company.settings.root)
    changed = {path for path, text in company.before.items() if after.get(path) != text}
    assert changed == {"reverse_etl/destinations.yml", "reverse_etl/schemas/destinations.json"}
    added = {path for path in after if path not in company.before}
    assert all(path.startswith(("reverse_etl/destinations/postbox/", "reverse_etl/syncs/")) for path in added)
