"""What the terminal is told: progress, JSON of what was not done, accounts, credentials."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from kith.cli import main
from kith.commands._progress import SyncLine, spoken
from reverse_etl.engine.stopping import Stop
from tests.reverse_etl.test_sync_undo import KEPT
from tests.reverse_etl.world import World

Say = tuple[int, str, str]


@pytest.fixture
def kith(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Say]:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)

    def call(*words: str) -> Say:
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = capsys.readouterr()
        return int(str(left.value.code or 0)), said.out, said.err

    return call


@pytest.mark.parametrize("token", ["bad\ntoken", "bad\rtoken", "bad\x7ftoken", "bad\udcfftoken"])
def test_a_credential_that_no_header_can_hold_is_named_and_never_shown(
    world: World, kith: Callable[..., Say], monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    world.add_people(range(3))
    monkeypatch.setenv("HUBSPOT_TOKEN", token)
    code, out, err = kith("sync", "run", "contacts")
    assert (code, "the credential env:HUBSPOT_TOKEN holds a line break" in err) == (2, True)
    assert "bad" not in out + err
    assert "defect" not in err
    assert not (world.settings.home / "plans").exists()
    assert world.sandbox.hubspot.requests == 0


def test_json_says_of_each_sync_that_was_held_or_failed_why(world: World, kith: Callable[..., Say]) -> None:
    world.add_people(range(60))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id < 'p_00030'")
    code, out, err = kith("sync", "run", "contacts", "nobody", "--json")
    held, failed = json.loads(out)
    assert code == 2
    assert (held["sync"], held["status"]) == ("contacts", "held")
    assert "rows lost 30 of 60" in held["reason"]
    assert (world.settings.home / "plans" / held["plan_id"]).is_dir()
    assert (failed["sync"], failed["status"], failed["plan_id"]) == ("nobody", "failed", None)
    assert "nobody" in failed["reason"]
    assert "rows lost 30 of 60" in err


def test_an_undo_by_name_takes_the_accounts_own_run_and_says_so(
    world: World, kith: Callable[..., Say]
) -> None:
    world.write_sync("contacts", KEPT)
    world.add_people(range(3))
    assert "contacts → hubspot " in kith("sync", "run", "contacts")[1]
    assert "contacts → hubspot@sandbox" in kith("sync", "run", "contacts", "--sandbox")[1]
    _, out, _ = kith("sync", "undo", "contacts")
    assert "contacts → hubspot   undo of" in out
    assert "its last run to hubspot@sandbox is" in out
    assert "contacts → hubspot@sandbox   undo of" in kith("sync", "undo", "contacts", "--sandbox")[1]
    code, out, _ = kith("sync", "undo", "contacts", "--sandbox", "--yes")
    assert (code, "contacts → hubspot@sandbox" in out, len(world.contacts)) == (0, True, 3)
    code, out, _ = kith("sync", "undo", "contacts", "--yes")
    assert (code, "3 delivered" in out, world.contacts) == (0, True, {})


def test_a_run_to_an_account_that_the_sync_left_is_not_undone_elsewhere(
    world: World, kith: Callable[..., Say]
) -> None:
    world.write_sync("contacts", KEPT)
    world.add_people(range(3))
    run = world.run()
    text = world.settings.destinations.read_text()
    account = text[: text.index("files:")]
    world.settings.destinations.write_text(text + account.replace("hubspot:", "other:", 1))
    world.write_sync("contacts", KEPT.replace("destination: hubspot", "destination: other"))
    code, _, err = kith("sync", "undo", run.run_id, "--yes")
    assert (code, "went to hubspot; its sync goes to other now" in err) == (2, True)
    assert len(world.contacts) == 3


def test_progress_has_a_rate_and_the_time_left() -> None:
    now = [0.0]
    line, stop = "", Stop()
    shown = SyncLine("t1", stop, lambda: now[0])
    assert shown.__rich__() == "sync    t1"
    now[0] = 2.5
    shown.tell(1_000, 3_000)
    line = shown.__rich__()
    assert line == "sync    t1  1,000 of 3,000 · 400/s · 5 s left"
    now[0] = 2.6
    shown.tell(1_100, 3_000)
    assert shown.__rich__() == line  # calm: not at every answer
    for second in range(3, 40):
        now[0] = second
        shown.tell(1_100 + second, 3_000)
    assert "1,139 of 3,000 · 1.0/s · 31 min left" in shown.__rich__()
    stop.ask()
    assert "stopping" in shown.__rich__()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (99, "99 s"), (150, "2 min"), (7_800, "2 h 10 min")]
)
def test_times_are_said_as_a_person_says_them(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
