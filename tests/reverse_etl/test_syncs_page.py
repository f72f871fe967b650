"""docs/syncs.md, from "A held plan, its approval, and an undo" on: its commands, as they are written."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable

import pytest

from kith.cli import main
from tests.reverse_etl.test_sync_edited import edit
from tests.reverse_etl.world import SYNC, World
from tests.support.pages import Page

Say = tuple[int, str]


@pytest.fixture
def kith(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str]], Say]:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)

    def call(words: list[str]) -> Say:
        with pytest.raises(SystemExit) as left:
            main(words[1:])
        said = capsys.readouterr()
        return int(str(left.value.code or 0)), " ".join((said.out + said.err).split())

    return call


def test_the_page_s_held_plan_is_approved_and_undone(world: World, kith: Callable[[list[str]], Say]) -> None:
    text = SYNC.replace("on_removed: archive", "on_removed: clear") + "undo_days: 7\n"
    (world.settings.syncs / "contacts.yml").unlink()
    world.write_sync("hubspot_contacts", text)
    world.add_people(range(60))
    assert kith(["kith", "sync", "run", "hubspot_contacts"])[0] == 0
    before = dict(world.contacts)
    world.sql("delete from activation.sync_hubspot__contacts where person_id < 'p_00030'")
    page = Page("syncs.md")
    held, plan, approve, run, look, undo, again, drift = page.commands()
    code, said = kith(held)
    waiting = max(world.settings.home.glob("plans/2*/plan.json"), key=lambda path: path.stat().st_mtime_ns)
    (shown,) = re.findall(r"^```text\n(HELD .*?)\n```", page.text, re.M | re.S)
    shown = re.sub(r"(?<=approve )\S+", waiting.parent.name, shown)
    assert (code, " ".join(shown.split()) in said) == (1, True)
    status = kith(["kith", "sync", "status"])[1]
    for words in ("held", "rows lost 30 of 60", f"send kith sync approve {waiting.parent.name}"):
        assert words in status
    assert (kith(plan)[0], kith(approve)[0]) == (0, 0)
    (approval,) = world.settings.home.glob("plans/*/approval.json")
    assert json.loads(approval.read_text())["by"] == getpass.getuser()
    code, said = kith(run)
    assert (code, "30 delivered" in said) == (0, True)
    assert sum("firstname" in contact for contact in world.contacts.values()) == 30
    assert "to give back 30 changed" in kith(look)[1]
    assert world.contacts != before
    code, said = kith(undo)
    assert (code, "30 delivered" in said) == (0, True)
    assert world.contacts == before
    assert "HELD" in kith(again)[1]
    edit(world, 40, firstname="Annie")
    code, said = kith(drift)
    assert (code, "60 read of 60 there by this sync · 29 equal · 1 edited" in said) == (0, True)


def test_a_plan_that_nobody_approved_is_not_sent_by_name(
    world: World, kith: Callable[[list[str]], Say]
) -> None:
    world.add_people(range(3))
    code, said = kith(["kith", "sync", "run", "contacts", "--approved"])
    assert (code, "was not approved" in said) == (2, True)
    code, said = kith(["kith", "sync", "run", "--approved"])
    assert (code, "Name the sync" in said) == (2, True)
    assert world.sandbox.hubspot.requests == 0
