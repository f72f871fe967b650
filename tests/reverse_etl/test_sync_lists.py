"""What a person asks afterwards: how do the syncs stand, what was refused, where does the lineage end?"""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from kith.cli import main
from reverse_etl.api.exposures import check_exposures, text_of, write_exposures
from reverse_etl.api.rejects import sync_rejects
from reverse_etl.api.status import sync_status
from reverse_etl.api.validate import validate_syncs
from reverse_etl.config import load_definitions
from reverse_etl.errors import HeldError, UsageError
from reverse_etl.sandbox import Faults
from reverse_etl.settings import PACKAGE_ROOT
from tests.conftest import make_settings
from tests.reverse_etl.world import SYNC, World


def kith(world: World, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The command, in this process."""
    for name, value in world.settings.environment.items():
        if name.startswith(("KITH_", "HUBSPOT_")):
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


@pytest.fixture
def refused(world: World) -> World:
    """A world in which one of four records was refused."""
    world.add_people(range(4))
    world.sandbox.set_faults(Faults(fail_values={"Given2"}))
    world.run()
    return world


def test_rejects_are_listed_with_their_class_reason_and_next_try(refused: World) -> None:
    (reject,) = sync_rejects(refused.settings)
    assert (reject.sync, reject.record_key, reject.class_, reject.attempts) == (
        "contacts",
        "p_00002",
        "record",
        1,
    )
    assert reject.reason == "VALIDATION_ERROR"
    assert reject.next_retry_at is not None
    assert reject.next_retry_at > reject.rejected_at


def test_before_the_first_run_nothing_is_rejected(world: World) -> None:
    assert sync_rejects(world.settings) == []


def test_rejects_as_csv_are_the_owner_s_alone_and_run_no_formula(
    refused: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused.sql("update ops.sync_rejects set record_key = '=cmd()', reason = 'a \"quoted\", odd one'")
    file = tmp_path / "rejects.csv"
    assert kith(refused, monkeypatch, "sync", "rejects", "contacts", "--csv", str(file)) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["record_key"], row["class"], row["attempts"]) == ("'=cmd()", "record", "1")
    assert row["reason"] == 'a "quoted", odd one'
    assert not any("person2@" in text or "Given2" in text for text in row.values())


def test_rejects_are_told_in_words_and_as_json(
    refused: World, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    assert kith(refused, monkeypatch, "sync", "rejects") == 0
    assert "p_00002" in capfd.readouterr().out
    assert kith(refused, monkeypatch, "sync", "rejects", "--json") == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["class"], row["record_key"]) == ("record", "p_00002")


def test_status_tells_a_sync_in_a_line(refused: World, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    assert kith(refused, monkeypatch, "sync", "status") == 0
    line, reason = capfd.readouterr().out.splitlines()
    assert line.split()[:3] == ["contacts", "hubspot", "rejected"]
    assert "3 of 4 delivered · 1 rejected · 3 there now · 1 reject waits, next try 2026-11-20 10:00" in line
    assert "VALIDATION_ERROR" in reason


def test_status_says_how_a_held_plan_is_let_go(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    world.add_people(range(40))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id > 'p_00010'")
    world.settings = replace(world.settings, now=world.settings.now + timedelta(days=1))
    with pytest.raises(HeldError):
        world.run()
    (status,) = sync_status(world.settings)
    assert status.held_plan is not None
    kith(world, monkeypatch, "sync", "status")
    assert f"kith sync approve {status.held_plan}" in capfd.readouterr().out
    kith(world, monkeypatch, "sync", "approve", status.held_plan, "--reason", "they left")
    (after,) = sync_status(world.settings)
    assert (after.held_plan, after.approved_plan) == (None, status.held_plan)


def test_the_exposures_of_the_project_are_current(tmp_path: Path) -> None:
    found = check_exposures(make_settings(tmp_path, "duckdb"))
    assert found.current, "kith sync exposures"
    assert set(found.names) == {path.stem for path in (PACKAGE_ROOT / "reverse_etl" / "syncs").glob("*.yml")}


def test_stale_exposures_are_a_note_and_no_mistake(world: World) -> None:
    world.add_people(range(1))
    assert validate_syncs(world.settings).notes == []
    (world.settings.dbt_project / "models" / "activation").mkdir(parents=True)
    model = "models: [{name: sync_hubspot__contacts}]\n"
    (world.settings.dbt_project / "models" / "activation" / "_models.yml").write_text(model)
    write_exposures(world.settings)
    assert validate_syncs(world.settings).notes == []
    world.write_sync("second", SYNC)
    found = validate_syncs(world.settings)
    assert found.problems == []
    assert "kith sync exposures" in found.notes[0]


def test_an_exposure_is_harmless_whatever_its_sync_says(world: World) -> None:
    odd = SYNC.replace("Contacts of the tests.", '"Says: {{ 1/0 }} and {% raw %}, ü"')
    world.write_sync("odd-name", odd)
    found = yaml.safe_load(text_of(world.settings, load_definitions(world.settings)))["exposures"]
    exposure = next(each for each in found if each["label"].startswith("odd-name"))
    assert exposure["name"] == "sync_odd_name"
    assert "{{" not in exposure["description"] and "{%" not in exposure["description"]
    assert exposure["depends_on"] == ["ref('sync_hubspot__contacts')"]


def test_no_exposure_is_written_for_a_model_that_is_none(world: World) -> None:
    with pytest.raises(UsageError, match="no model `sync_hubspot__contacts`"):
        write_exposures(world.settings)
