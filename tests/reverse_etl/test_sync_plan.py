"""Plans, guards, approvals, files as destinations, and the commands around them."""

from __future__ import annotations

import csv
import json
import signal
import stat
import subprocess
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kith.cli import main
from reverse_etl.api.approve import approve_plan
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.api.status import sync_status
from reverse_etl.errors import ConfigurationError, HeldError, UsageError
from reverse_etl.sandbox import Sandbox
from tests.reverse_etl.world import FILE_SYNC, SYNC, World


def test_a_plan_makes_no_call_and_is_readable_by_its_owner_alone(any_world: World) -> None:
    any_world.add_people(range(10))
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.new, plan.held_count) == (10, 0)
    assert any_world.sandbox.truth()["requests"] == 0
    folder = any_world.settings.home / "plans" / plan.plan_id
    assert sorted(path.name for path in folder.iterdir()) == ["changes-00001.arrow", "plan.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert "@" not in (folder / "plan.json").read_text()


def test_a_plan_sends_exactly_what_it_froze_and_only_once(any_world: World) -> None:
    any_world.add_people(range(5))
    plan = plan_sync(any_world.settings, "contacts")
    any_world.set(2, given_name="Later")
    any_world.run(plan_id=plan.plan_id)
    assert any_world.contacts["p_00002"]["firstname"] == "Given2"
    assert list((any_world.settings.home / "plans" / plan.plan_id).glob("*.arrow")) == []
    with pytest.raises(UsageError, match="sent already"):
        run_sync(any_world.settings, "contacts", plan_id=plan.plan_id)
    assert any_world.run().changed == 1


def test_a_batch_is_as_large_as_the_sync_says_in_plan_and_requests(any_world: World) -> None:
    any_world.write_destinations(batch=40)
    any_world.add_people(range(45))
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.batch, plan.requests) == (40, 2)
    any_world.write_sync("contacts", SYNC + "batch: 7\n")
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.batch, plan.requests) == (7, 7)
    any_world.run(plan_id=plan.plan_id)
    assert len(any_world.contacts) == 45
    assert any_world.sandbox.emulators["hubspot"].largest == 7
    any_world.write_sync("contacts", SYNC + "batch: 41\n")
    with pytest.raises(UsageError, match="at most 40"):
        plan_sync(any_world.settings, "contacts")


def test_a_plan_that_another_overtook_is_refused(world: World) -> None:
    world.add_people(range(5))
    plan = plan_sync(world.settings, "contacts")
    world.run()
    with pytest.raises(UsageError, match="out of date"):
        run_sync(world.settings, "contacts", plan_id=plan.plan_id)
    with pytest.raises(UsageError, match="no plan"):
        run_sync(world.settings, "contacts", plan_id="2026-01-01T000000Z-0000")


def test_a_guarded_plan_is_held_until_someone_approves_it_by_name(world: World) -> None:
    world.write_sync("contacts", SYNC + "guards: {max_delete_share: 0.1, share_from: 4}\n")
    world.add_people(range(10))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where net_revenue > 6")
    with pytest.raises(HeldError, match="guard max_delete_share 10%"):
        run_sync(world.settings, "contacts")
    plan = plan_sync(world.settings, "contacts")
    with pytest.raises(HeldError):
        run_sync(world.settings, "contacts", plan_id=plan.plan_id)
    assert len(world.contacts) == 10
    with pytest.raises(UsageError, match="needs a reason"):
        approve_plan(world.settings, plan.plan_id, "ana", " ")
    approve_plan(world.settings, plan.plan_id, "ana", "they asked for it")
    assert world.run(plan_id=plan.plan_id).delivered == 4
    assert len(world.contacts) == 6


def test_a_gate_that_holds_leaves_a_run_that_says_so(world: World) -> None:
    world.add_people(range(3))

    def gate() -> None:
        raise HeldError("HELD  rows 3, last good 3,912.")

    with pytest.raises(HeldError, match="last good"):
        run_sync(world.settings, "contacts", gate=gate)
    assert world.sandbox.truth()["requests"] == 0
    (status,) = sync_status(world.settings)
    assert status.last_run is not None
    assert (status.last_run["status"], status.last_run["planned"]) == ("held", 0)


def test_people_who_share_a_unique_value_are_held_not_mixed(world: World) -> None:
    world.add_people(range(4))
    world.set(1, email="Person0@example.com")
    world.sql("update marts.consents set contact_point = 'person0@example.com' where person_id = 'p_00001'")
    report = world.run()
    assert (report.delivered, report.held) == (2, {"shares a unique field with another person": 2})


def test_without_consents_in_the_warehouse_nobody_is_sent(world: World) -> None:
    world.add_people(range(3))
    world.sql("drop table marts.consents")
    with pytest.raises(ConfigurationError, match=r"marts\.consents"):
        run_sync(world.settings, "contacts")


def test_clear_empties_what_this_sync_wrote_and_leaves_the_rest(world: World) -> None:
    world.write_sync("contacts", SYNC.replace("on_removed: archive", "on_removed: clear"))
    world.add_people(range(2))
    world.run()
    found = world.sandbox.hubspot.contacts.find("person1@example.com", "email")
    assert found is not None
    found.properties["jobtitle"] = "Theirs"
    world.decide(1, "denied")
    world.run()
    assert world.contacts["p_00001"] == {
        "kith_person_id": "p_00001",
        "email": "person1@example.com",
        "jobtitle": "Theirs",
    }
    assert world.run().planned == 0


def test_upsert_leaves_those_who_left(world: World) -> None:
    world.write_sync("contacts", SYNC.replace("mirror", "upsert").replace("on_removed: archive\n", ""))
    world.add_people(range(3))
    world.run()
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00001'")
    plan = plan_sync(world.settings, "contacts")
    assert (plan.removed, plan.left) == (0, 1)
    world.run()
    assert len(world.contacts) == 3


def test_a_file_holds_exactly_the_people_who_may_be_sent(any_world: World) -> None:
    any_world.write_sync("people", FILE_SYNC)
    any_world.add_people(range(5))
    any_world.set(1, given_name='=HYPERLINK("x")', net_revenue=-5)
    any_world.set(2, given_name=None)
    report = any_world.run("people")
    path = any_world.settings.home / "out" / "people.csv"
    assert (report.delivered, report.location) == (5, str(path))
    rows = {row["person_id"]: row for row in csv.DictReader(path.read_text().splitlines())}
    assert len(rows) == 5
    assert rows["p_00001"]["given_name"] == '\'=HYPERLINK("x")'
    assert rows["p_00001"]["net_revenue"] == "-5.00"
    assert rows["p_00002"]["given_name"] == ""
    assert rows["p_00003"]["last_order_at"].startswith("2026-11-01T10:00:00")
    any_world.decide(3, "denied")
    any_world.set(4, net_revenue=7)
    report = any_world.run("people")
    assert (report.changed, report.removed, report.unchanged, report.delivered) == (1, 1, 3, 2)
    kept = {row["person_id"] for row in csv.DictReader(path.read_text().splitlines())}
    assert kept == {"p_00000", "p_00001", "p_00002", "p_00004"}
    written = path.stat().st_mtime_ns
    assert any_world.run("people").planned == 0
    assert path.stat().st_mtime_ns == written
    path.unlink()
    any_world.run("people")
    assert path.exists()


def test_a_file_of_people_who_are_all_held_is_not_made(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    world.add_people(range(3), consent="denied")
    report = world.run("people")
    assert (report.status, report.held) == ("done", {"no consent": 3})
    assert not (world.settings.home / "out").exists()


def test_a_parquet_file_keeps_the_types(any_world: World) -> None:
    any_world.write_sync("people", FILE_SYNC.replace("object: csv", "object: parquet"))
    any_world.add_people(range(3))
    any_world.run("people")
    table = pq.read_table(any_world.settings.home / "out" / "people.parquet")
    assert str(table.schema.field("net_revenue").type) == "decimal128(18, 2)"
    assert str(table.schema.field("last_order_at").type) == "timestamp[us]"
    assert table.num_rows == 3


def test_consent_withdrawn_after_the_plan_keeps_a_person_out_of_the_file(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    world.add_people(range(4))
    world.run("people")
    world.set(0, net_revenue=9)
    plan = plan_sync(world.settings, "people")
    world.decide(2, "denied")
    world.run("people", plan_id=plan.plan_id)
    assert "p_00002" not in (world.settings.home / "out" / "people.csv").read_text()


def test_a_folder_that_cannot_be_written_leaves_the_file_as_it_was(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    world.add_people(range(2))
    (world.settings.home / "out").write_text("a file where the folder should be")
    report = world.run("people")
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, 2)
    assert report.error is not None
    assert "cannot be written" in report.error


def test_the_commands_tell_the_same_as_the_functions(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)
    world.add_people(range(3))
    world.add_people([3], consent="denied")

    def kith(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        return int(str(left.value.code or 0)), capsys.readouterr().out

    code, said = kith("sync", "plan", "contacts")
    assert (code, "new 3 ·" in said, "held back 1: no consent 1" in said) == (0, True, True)
    code, said = kith("sync", "run", "contacts", "--json")
    assert (code, json.loads(said)[0]["delivered"]) == (0, 3)
    code, said = kith("sync", "run")
    assert (code, "0 delivered · 0 rejected · 0 deferred" in said) == (0, True)
    code, said = kith("sync", "status")
    assert (code, "3 there now" in said) == (0, True)
    code, said = kith("sync", "run", "contacts", "--sandbox")
    assert (code, "3 delivered" in said) == (0, True)
    code, said = kith("sync", "run", "contacts", "--sandbox")
    assert (code, "0 delivered" in said) == (0, True)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_command_serves_on_loopback_and_ends_cleanly(world: World, name: signal.Signals) -> None:
    process = subprocess.Popen(
        world.command("sandbox", "--port", "0", "--memory", "--json"),
        env={**world.process_environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    while "}" not in said:
        said += process.stdout.readline()
    address = json.loads(said)["hubspot"]
    assert address.startswith("http://127.0.0.1:")
    world.add_people(range(2))
    world.write_destinations(base_url=address)
    world.run()
    with urllib.request.urlopen(f"{address}/__truth") as answer:
        assert len(json.load(answer)["contacts"]) == 2
    process.send_signal(name)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_told(sandbox: Sandbox) -> None:
    port = int(sandbox.base_url.rsplit(":", 1)[1])
    with pytest.raises(UsageError, match=f"127.0.0.1:{port}"), Sandbox(port):
        pass


def test_a_sandbox_with_a_file_remembers(tmp_path: Path) -> None:
    for expected in (0, 1):
        with Sandbox(folder=tmp_path) as running:
            assert len(running.truth()["contacts"]) == expected
            contact = running.hubspot.contacts.create({"email": f"{expected}@example.com"})
            running.hubspot.contacts.save([contact])


def test_the_last_run_is_the_last_that_ran_whatever_the_clock_said(world: World) -> None:
    world.add_people(range(3))
    world.run()
    world.set(1, given_name="Ana")
    world.settings = replace(world.settings, now=world.settings.now - timedelta(days=3))
    later = world.run()
    (status,) = sync_status(world.settings)
    assert status.last_run is not None
    assert status.last_run["run_id"] == later.run_id
    # Of another machine's runs this one knows the clock alone.
    world.sql(
        "insert into ops.sync_runs (run_id, sync, destination, status, started_at, planned, delivered, "
        "rejected, deferred) values ('elsewhere', 'contacts', 'hubspot', 'done', "
        "timestamp '2030-01-01', 0, 0, 0, 0)"
    )
    (status,) = sync_status(world.settings)
    assert status.last_run is not None
    assert status.last_run["run_id"] == "elsewhere"
