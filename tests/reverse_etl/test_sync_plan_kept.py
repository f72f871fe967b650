"""A plan that waited: the sync says something else now, its rows expired or are damaged, nobody saw it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kith.cli import main
from reverse_etl.api.approve import approve_plan
from reverse_etl.api.definitions import own_sandbox
from reverse_etl.api.gate import gate_for
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.errors import HeldError, UsageError
from reverse_etl.planner import store
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

KITH_COMMAND = re.compile(r'kith sync (?:approve \S+ --reason "…"|run(?: \w+)? --plan \S+)')
Kith = Callable[..., tuple[int, str]]


@pytest.fixture
def kith(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kith:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)

    def call(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = capsys.readouterr()
        return int(str(left.value.code or 0)), " ".join((said.out + said.err).split())

    return call


def chunks(world: World, plan_id: str) -> list[Path]:
    return sorted((world.settings.home / "plans" / plan_id).glob("*.arrow"))


def age(world: World, plan_id: str, days: int) -> None:
    """As if the plan's rows had been kept for so long."""
    then = time.time() - days * 86_400
    for path in chunks(world, plan_id):
        os.utime(path, (then, then))


def assert_refused(world: World, plan_id: str, name: str, *words: str) -> None:
    """A run of the plan sends nothing and says why."""
    before = world.sandbox.truth()["requests"]
    with pytest.raises(UsageError) as raised:
        run_sync(world.settings, name, plan_id=plan_id)
    for word in (plan_id, f"Plan anew: kith sync plan {name}", *words):
        assert word in str(raised.value)
    assert world.sandbox.truth()["requests"] == before


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("firstname: given_name", "firstname: {from: given_name, write: fill_empty}", "fields"),
        ("on_removed: archive", "on_removed: clear", "on_removed, on_merge"),
        ("on_removed: archive", "on_removed: archive\non_merge: leave", "on_merge"),
        ("kith_person_id, email]", "kith_person_id]", "match"),
        ("mode: mirror", "mode: upsert", "mode, on_removed, on_merge"),
    ],
)
def test_a_plan_whose_sync_says_something_else_is_not_sent(
    world: World, before: str, after: str, told: str
) -> None:
    world.add_people(range(3))
    plan = plan_sync(world.settings, "contacts")
    text = SYNC.replace(before, after)
    if "mode: mirror" not in text:
        text = text.replace("on_removed: archive\n", "")
    world.write_sync("contacts", text)
    assert_refused(world, plan.plan_id, "contacts", "out of date", f"the sync's {told} changed since")
    assert world.contacts == {}


def test_what_a_person_edited_survives_a_plan_of_another_write_policy(world: World) -> None:
    gentle = SYNC.replace("firstname: given_name", "firstname: {from: given_name, write: fill_empty}")
    world.write_sync("contacts", gentle)
    world.add_people(range(4))
    world.run()
    for number in range(4):
        found = world.sandbox.hubspot.contacts.find(f"person{number}@example.com", "email")
        assert found is not None
        found.properties["firstname"] = "Theirs"
        world.set(number, given_name="Ours", net_revenue=9)
    plan = plan_sync(world.settings, "contacts")
    world.write_sync("contacts", SYNC)
    assert_refused(world, plan.plan_id, "contacts", "the sync's fields changed since")
    assert {contact["firstname"] for contact in world.contacts.values()} == {"Theirs"}
    # Another policy is no reason to send again what did not change.
    world.write_sync("contacts", gentle)
    world.run()
    world.write_sync("contacts", SYNC)
    assert plan_sync(world.settings, "contacts").planned == 0


def test_words_that_decide_nothing_leave_a_plan_as_it_is(world: World) -> None:
    world.add_people(range(3))
    plan = plan_sync(world.settings, "contacts")
    other = SYNC.replace("tests@example.com", "others@example.com") + "guards: {max_shrink: 0.5}\n"
    world.write_sync("contacts", other)
    assert world.run(plan_id=plan.plan_id).delivered == 3


@pytest.mark.parametrize("deleted", [True, False])
def test_a_plan_whose_rows_expired_is_not_sent_as_nothing(world: World, deleted: bool) -> None:
    world.add_people(range(3))
    world.write_sync("people", FILE_SYNC)
    for name in ("contacts", "people"):
        plan = plan_sync(world.settings, name)
        age(world, plan.plan_id, 8)
        if deleted:
            store.forget_old(world.settings)
            assert chunks(world, plan.plan_id) == []
        assert_refused(world, plan.plan_id, name, "has expired", plan.read_at, "7 days", "Nothing was sent")
    assert world.contacts == {}
    assert not (world.settings.home / "out").exists()
    assert world.run().delivered == 3


def test_a_held_plan_that_expired_is_not_approved(world: World) -> None:
    world.add_people(range(20))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id > 'p_00004'")
    plan = plan_sync(world.settings, "contacts")
    approve_plan(world.settings, plan.plan_id, "ana", "they left")
    age(world, plan.plan_id, 8)
    plan_sync(world.settings, "contacts")
    with pytest.raises(UsageError, match=r"has expired: it was made at .*Plan anew: kith sync plan contacts"):
        approve_plan(world.settings, plan.plan_id, "ana", "they left")
    assert_refused(world, plan.plan_id, "contacts", "has expired")
    assert len(world.contacts) == 20


def test_the_rows_of_a_large_plan_expire_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK_ROWS", 2)
    monkeypatch.setattr(store, "BATCH_ROWS", 2)
    world.add_people(range(6))
    plan = plan_sync(world.settings, "contacts")
    first, *_ = chunks(world, plan.plan_id)
    then = time.time() - 8 * 86_400
    os.utime(first, (then, then))
    store.forget_old(world.settings)
    assert chunks(world, plan.plan_id) == []


def test_a_damaged_plan_is_told_by_its_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK_ROWS", 2)
    monkeypatch.setattr(store, "BATCH_ROWS", 2)
    world.add_people(range(6))
    cut, missing, words = (plan_sync(world.settings, "contacts").plan_id for _ in range(3))
    assert len(chunks(world, missing)) == 3
    last = chunks(world, cut)[-1]
    last.write_bytes(last.read_bytes()[:200])
    assert_refused(world, cut, "contacts", "is damaged", last.name)
    chunks(world, missing)[1].unlink()
    assert_refused(world, missing, "contacts", "is damaged", "3 files of rows and has 2")
    facts = world.settings.home / "plans" / words / "plan.json"
    for text in (facts.read_text()[:100], "[]", "{}", ""):
        facts.write_text(text)
        with pytest.raises(UsageError, match=f"{words} is damaged: its plan.json .*Plan anew: kith sync"):
            run_sync(world.settings, "contacts", plan_id=words)
    facts.unlink()
    with pytest.raises(UsageError, match="is damaged"):
        run_sync(world.settings, "contacts", plan_id=words)
    assert world.contacts == {}
    assert world.run().delivered == 6


def test_an_erasure_leaves_a_plan_its_days_and_nothing_of_a_damaged_one(world: World) -> None:
    world.add_people(range(3))
    whole, cut = (plan_sync(world.settings, "contacts").plan_id for _ in range(2))
    age(world, whole, 6)
    kept = chunks(world, whole)[0].stat().st_mtime
    (path,) = chunks(world, cut)
    path.write_bytes(path.read_bytes()[:-100])
    assert store.forget_records(world.settings.home, ["p_00001"]) == 2
    assert chunks(world, whole)[0].stat().st_mtime == pytest.approx(kept, abs=1)
    assert chunks(world, cut) == []
    assert world.run(plan_id=whole).delivered == 2


def test_the_printed_commands_of_a_sandbox_plan_work_as_printed(world: World, kith: Kith) -> None:
    world.write_sync("contacts", SYNC + "guards: {max_delete_share: 0.05, share_from: 1}\n")
    world.add_people(range(10))
    world.settings.destinations.write_text("hubspot: {kind: hubspot, token: 'env:NOT_SET'}\n")
    code, said = kith("sync", "plan", "contacts", "--sandbox")
    code, said = kith(*follow(said))
    assert (code, "10 delivered" in said, "made for the sandbox" in said) == (0, True, True)
    world.sql("delete from activation.sync_hubspot__contacts where net_revenue > 9")
    code, said = kith("sync", "run", "contacts", "--sandbox")
    assert (code, "To see: kith sync plan contacts --sandbox." in said) == (1, True)
    code, said = kith(*follow(said))
    assert (code, "removed 1" in said, "to hubspot@sandbox" in said) == (0, True, True)
    code, said = kith(*follow(said))
    assert (code, "1 delivered" in said) == (0, True)
    assert world.sandbox.truth()["requests"] == 0


def test_what_the_gate_holds_names_the_command_that_shows_it(world: World) -> None:
    world.add_people(range(20))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts")
    for sandbox, command in ((None, "kith sync plan contacts"), (True, "kith sync plan contacts --sandbox")):
        with pytest.raises(HeldError, match=f"To see: {command}. To send: kith sync approve"):
            run_sync(world.settings, "contacts", sandbox=sandbox, gate=gate_for(world.settings, "contacts"))


def follow(said: str) -> list[str]:
    """The words of the command that was printed last."""
    command = str(KITH_COMMAND.findall(said)[-1])
    return command.replace('"…"', "tested").split()[1:]


def test_a_plan_for_the_account_is_not_sent_to_the_sandbox(world: World, kith: Kith) -> None:
    world.add_people(range(3))
    plan = plan_sync(world.settings, "contacts")
    code, said = kith("sync", "run", "--plan", plan.plan_id, "--sandbox")
    assert (code, "to hubspot, and not for the sandbox" in said) == (2, True)
    with own_sandbox(world.settings) as sandbox:
        assert sandbox.truth()["contacts"] == {}
    assert world.contacts == {}


def test_a_name_approves_what_was_shown_and_nothing_else(world: World, kith: Kith) -> None:
    world.write_sync("contacts", SYNC + "guards: {max_delete_share: 0.1, share_from: 1}\n")
    world.add_people(range(20))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id < 'p_00003'")
    shown = plan_sync(world.settings, "contacts")
    world.sql("delete from activation.sync_hubspot__contacts where person_id < 'p_00015'")
    with pytest.raises(HeldError):
        world.run()
    code, said = kith("sync", "approve", "contacts", "--reason", "three left")
    assert (code, "a run made it later" in said, "removed 15" in said) == (2, True, True)
    assert list(world.settings.home.glob("plans/*/approval.json")) == []
    assert kith("sync", "run", "contacts", "--approved")[0] == 2
    assert len(world.contacts) == 20
    # By its id, the one that was looked at goes, with its figures.
    code, said = kith("sync", "approve", shown.plan_id, "--reason", "three left")
    assert (code, shown.plan_id in said, "removed 3" in said) == (0, True, True)
    assert kith(*follow(said))[0] == 0
    assert len(world.contacts) == 17
    code, said = kith("sync", "approve", shown.plan_id, "--reason", "again")
    assert (code, "sent already" in said) == (2, True)


def test_a_sandbox_s_approved_plan_is_not_the_account_s(world: World, kith: Kith) -> None:
    world.write_sync("contacts", SYNC + "guards: {min_rows: 9}\n")
    world.add_people(range(3))
    assert kith("sync", "plan", "contacts", "--sandbox")[0] == 0
    assert kith("sync", "approve", "contacts", "--reason", "few")[0] == 0
    code, said = kith("sync", "run", "contacts", "--approved")
    assert (code, "was not approved" in said) == (2, True)
    code, said = kith("sync", "run", "contacts", "--approved", "--sandbox")
    assert (code, "3 delivered" in said) == (0, True)
    assert world.contacts == {}


def test_a_plan_shows_a_few_records_and_no_values_unless_asked(world: World, kith: Kith) -> None:
    world.add_people(range(8))
    world.run()
    world.add_people(range(10, 16))
    world.set(1, given_name="Zed", net_revenue=7)
    world.set(2, given_name="Esc\x1b[2J")
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00003'")
    world.write_sync("contacts", SYNC + "guards: {max_create_share: null}\n")
    _, said = kith("sync", "plan", "contacts")
    for line in ("new p_00010 new p_00011 new p_00012 ", "removed p_00003 "):
        assert line in said
    assert "changed p_00001 firstname, kith_net_revenue changed p_00002 firstname " in said
    assert "p_00013" not in said
    assert "Zed" not in said
    assert "@" not in said
    _, said = kith("sync", "plan", "contacts", "--json")
    (plan,) = json.loads(said)
    assert {"status": "new", "key": "p_00010", "fields": [], "values": None} in plan["samples"]
    assert "Zed" not in said
    _, said = kith("sync", "plan", "contacts", "--values")
    assert "firstname Zed" in said
    assert "email person10@example.com" in said
    assert "\x1b" not in said
    _, said = kith("sync", "plan", "contacts", "--values", "--json")
    values = {sample["key"]: sample["values"] for sample in json.loads(said)[0]["samples"]}
    assert (values["p_00001"]["firstname"], values["p_00003"]) == ("Zed", {})
    assert not any("p_000" in path.read_text() for path in world.settings.home.glob("plans/*/plan.json"))


def test_samples_are_alike_on_every_engine(any_world: World) -> None:
    any_world.add_people(range(4))
    any_world.run()
    any_world.add_people([7])
    any_world.set(1, given_name="Zed")
    any_world.decide(2, "denied")
    plan = plan_sync(any_world.settings, "contacts", values=True)
    told = {(sample.status, sample.key, *sample.fields) for sample in plan.samples}
    expected = {("new", "p_00007"), ("changed", "p_00001", "firstname"), ("removed", "p_00002")}
    assert told == expected
    values = {sample.key: sample.values for sample in plan.samples}
    assert (values["p_00002"], (values["p_00001"] or {})["firstname"]) == ({}, "Zed")


def test_keys_that_are_addresses_are_shown_only_when_asked_for(world: World, kith: Kith) -> None:
    world.add_people(range(2))
    world.write_sync("people", FILE_SYNC.replace("key: person_id", "key: email"))
    for words in (["sync", "plan", "people"], ["sync", "plan", "people", "--json"]):
        code, said = kith(*words)
        assert (code, "@" in said) == (0, False)
    assert "person1@example.com" in kith("sync", "plan", "people", "--values")[1]
