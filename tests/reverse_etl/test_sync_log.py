"""The run log: every event a line, and nothing of a person in it."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from reverse_etl.engine import runlog
from reverse_etl.errors import HeldError
from reverse_etl.sandbox import Faults
from tests.reverse_etl.world import TOKEN, World


def lines(world: World) -> list[dict[str, Any]]:
    text = (world.settings.home / "logs" / "sync.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_is_told_event_by_event(world: World) -> None:
    world.write_destinations(concurrency=1)
    world.add_people(range(150))
    world.sandbox.set_faults(Faults(script=["too_many", "error"], fail_values={"Given7"}))
    report = world.run()
    told = lines(world)
    assert [line["event"] for line in told] == ["began", "retry", "retry", "batch", "batch", "finished"]
    assert {line["run"] for line in told} == {report.run_id}
    assert [line["reason"] for line in told[1:3]] == ["status 429", "status 503"]
    assert (told[0]["planned"], told[0]["new"]) == (150, 150)
    assert [(line["records"], line["rejected"]) for line in told[3:5]] == [(100, 1), (50, 0)]
    last = told[-1]
    assert (last["status"], last["delivered"], last["rejected"]) == ("rejected", 149, 1)
    assert last["reasons"] == {"VALIDATION_ERROR": 1}


def test_a_held_run_says_why(world: World) -> None:
    with pytest.raises(HeldError):
        world.run()
    (line,) = lines(world)
    assert (line["event"], line["sync"]) == ("held", "contacts")
    assert "no rows" in line["message"] or "min_rows" in line["message"]


def test_no_person_and_no_token_is_in_the_log_and_it_is_its_owner_s_alone(world: World) -> None:
    world.add_people(range(20))
    world.write_destinations(max_attempts=8)
    world.sandbox.set_faults(Faults(leak=True, error=0.3, too_many=0.2, fail_values={"Given3"}, seed=2))
    world.run()
    world.sandbox.set_faults(Faults(leak=True, revoke_after=0))
    world.set(5, given_name="Changed")
    world.run()
    path = world.settings.home / "logs" / "sync.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    for word in (TOKEN, "person3@", "Given3", "Changed", "p_00003"):
        assert word not in text
    assert "env:HUBSPOT_TOKEN" in text


def test_a_full_log_moves_aside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runlog, "MOST_BYTES", 200)
    world.add_people(range(3))
    for number in range(3):
        world.set(1, given_name=f"Name{number}")
        world.run()
    found = sorted(path.name for path in (world.settings.home / "logs").glob("sync*.jsonl"))
    assert found[:2] == ["sync.1.jsonl", "sync.2.jsonl"]
    assert len(found) <= runlog.KEPT + 1


def test_a_log_that_cannot_be_written_stops_no_run(world: World) -> None:
    world.settings.home.mkdir(parents=True, exist_ok=True)
    (world.settings.home / "logs").touch()
    world.add_people(range(3))
    assert world.run().delivered == 3
