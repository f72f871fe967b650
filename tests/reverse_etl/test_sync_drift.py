"""What stands at the destination, against what a sync last left there."""

from __future__ import annotations

import json
import sqlite3
from threading import Thread
from typing import Any

import pytest

from kith.cli import main
from reverse_etl.api.definitions import own_sandbox
from reverse_etl.api.drift import sync_drift
from reverse_etl.api.undo import undo_run
from reverse_etl.engine import asking
from reverse_etl.engine.drift import MEANWHILE
from reverse_etl.engine.report import Drift, DriftSample
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import ConfigurationError, HeldError, UsageError
from reverse_etl.sandbox import Faults
from reverse_etl.state.lease import sync_lease
from tests.reverse_etl.test_sync_edited import OURS, edit
from tests.reverse_etl.test_sync_log import lines
from tests.reverse_etl.world import FILE_SYNC, SYNC, TOKEN, World


def contact_of(world: World, person: int) -> Any:
    found = world.sandbox.hubspot.contacts.find(f"p_{person:05}", "kith_person_id")
    assert found is not None
    return found


def drift(world: World, name: str = "contacts", **options: Any) -> Drift:
    """The drift, which changes nothing at the destination, and whose counts add up."""
    hubspot = world.sandbox.hubspot
    before = (hubspot.records(), list(hubspot.applied))
    found = sync_drift(world.settings, name, **options)
    assert (hubspot.records(), hubspot.applied) == before
    assert found.asked == found.read + found.unread
    assert found.read == found.equal + found.edited + found.gone + found.foreign + found.unknown
    return found


def delivered(world: World, people: int, text: str = SYNC) -> World:
    world.write_sync("contacts", text)
    world.add_people(range(people))
    assert world.run().delivered == people
    return world


@pytest.mark.parametrize("text", [SYNC, OURS])
def test_what_was_edited_and_deleted_is_told_by_field_and_nothing_is_written(
    any_world: World, text: str
) -> None:
    world = delivered(any_world, 6, text)
    assert drift(world).equal == 6
    edit(world, 1, firstname="Annie")
    edit(world, 2, firstname="", kith_net_revenue="7")
    world.sandbox.hubspot.contacts.archive(contact_of(world, 3))
    edit(world, 4, kith_person_id="p_somebody")
    found = drift(world)
    assert (found.held, found.asked, found.read) == (6, 6, 6)
    assert (found.equal, found.edited, found.gone, found.foreign, found.unknown) == (2, 2, 1, 1, 0)
    assert found.fields == {"firstname": 2, "kith_net_revenue": 1}
    assert (found.ok, found.samples, found.error) == (True, None, None)


def test_what_changed_in_the_model_alone_is_no_drift(world: World) -> None:
    delivered(world, 3)
    world.set(1, given_name="Ana", net_revenue=None)
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00002'")
    assert drift(world).equal == 3


def test_the_destination_s_own_form_of_a_value_is_no_drift(world: World) -> None:
    def plainer(name: str, value: str) -> str:
        return {
            "kith_net_revenue": value.rstrip("0").rstrip("."),
            "kith_last_order_at": value[:19] + "Z",
        }.get(name, value)

    world.sandbox.hubspot.contacts.stored_as = plainer
    delivered(world, 3)
    world.set(2, net_revenue=100)
    world.run()
    assert world.contacts["p_00002"]["kith_net_revenue"] == "100"
    assert world.contacts["p_00002"]["kith_last_order_at"] == "2026-11-01T10:00:00Z"
    assert drift(world).equal == 3
    edit(world, 2, kith_last_order_at="2026-11-01T10:00:01Z")
    assert drift(world).fields == {"kith_last_order_at": 1}


def test_another_spelling_of_an_e_mail_or_a_phone_is_no_drift(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TOGETHER", 2)
    world = any_world
    world.write_sync("contacts", SYNC.replace("firstname: given_name", "phone: given_name"))
    world.add_people(range(5))
    for person in range(5):
        world.set(person, email=f"Person{person}@Example.com", given_name=f"+34 600 100 20{person}")
    world.sandbox.hubspot.contacts.stored_as = lambda name, value: (
        value.replace(" ", "") if name == "phone" else value
    )
    world.run()
    assert world.contacts["p_00001"]["email"] == "person1@example.com"
    assert drift(world).equal == 5
    edit(world, 1, email="another@example.com")
    edit(world, 2, phone="+34600100299")
    found = drift(world, values=True)
    assert (found.equal, found.fields) == (3, {"email": 1, "phone": 1})
    assert found.samples == [
        DriftSample("edited", "p_00001", {"email": "another@example.com"}),
        DriftSample("edited", "p_00002", {"phone": "+34600100299"}),
    ]
    world.sql("drop table activation.sync_hubspot__contacts")
    assert drift(world).edited == 5


def test_a_field_that_this_sync_never_wrote_is_nobody_s_drift(world: World) -> None:
    text = SYNC.replace("firstname: given_name", "firstname: {from: given_name, write: fill_empty}")
    world.sandbox.hubspot.contacts.create({"email": "person1@example.com", "firstname": "Annie"})
    delivered(world, 3, text)
    world.set(1, net_revenue=7)
    world.run()
    edit(world, 1, firstname="Anna")
    assert drift(world).equal == 3
    edit(world, 2, firstname="Carla")  # that one we filled
    assert drift(world).fields == {"firstname": 1}


def test_an_empty_column_that_is_skipped_says_nothing_of_the_field(world: World) -> None:
    world.write_sync("contacts", SYNC)
    world.add_people(range(2))
    world.set(1, given_name=None)
    world.run()
    edit(world, 1, firstname="Annie")
    assert drift(world).equal == 2


def test_an_emptied_column_that_clears_is_compared_with_nothing(world: World) -> None:
    delivered(world, 2)
    world.set(1, net_revenue=None)
    world.run()
    assert drift(world).equal == 2
    edit(world, 1, kith_net_revenue="3")
    assert drift(world).fields == {"kith_net_revenue": 1}


def test_a_contact_is_found_by_the_person_where_its_id_is_gone(world: World) -> None:
    delivered(world, 3)
    contacts = world.sandbox.hubspot.contacts
    first = contact_of(world, 1)
    contacts.archive(first)
    contacts.create({**first.properties, "firstname": "Annie"})
    assert drift(world).fields == {"firstname": 1}


@pytest.mark.parametrize(("forwards", "told"), [(False, "gone"), (True, "foreign")])
def test_a_contact_that_went_into_another_one_is_not_as_it_was_left(
    world: World, forwards: bool, told: str
) -> None:
    delivered(world, 3)
    contacts = world.sandbox.hubspot.contacts
    contacts.forwards = forwards
    contacts.merge(contact_of(world, 2), contact_of(world, 1))
    found = drift(world)
    assert (found.equal, getattr(found, told)) == (2, 1)


def test_records_that_cannot_be_compared_are_counted_as_such(world: World) -> None:
    delivered(world, 3, SYNC + "undo_days: 7\nguards: {max_create_share: null}\n")
    world.set(1, given_name="Ana")
    undo_run(world.settings, world.run().run_id)
    assert (drift(world).equal, drift(world).unknown) == (2, 1)
    world.sql("update ops.sync_records set digest_version = '1' where record_key = 'p_00000'")
    assert (drift(world).equal, drift(world).unknown) == (1, 2)
    world.write_sync("contacts", SYNC.replace("firstname: given_name", "lastname: given_name"))
    world.sandbox.hubspot.contacts.archive(contact_of(world, 2))
    assert (drift(world).unknown, drift(world).gone) == (2, 1)


def test_too_many_and_failing_answers_are_retried(world: World) -> None:
    world.write_destinations(concurrency=1, max_attempts=6)
    delivered(world, 250)
    edit(world, 7, firstname="Annie")
    world.sandbox.set_faults(Faults(script=["too_many", "error", "html", "reset"], retry_after=0.01))
    found = drift(world)
    assert (found.read, found.edited, found.requests_retried) == (250, 1, 4)


def test_what_is_not_answered_is_not_read_and_tells_nothing_of_the_rest(world: World) -> None:
    world.write_destinations(concurrency=1, max_attempts=1)
    delivered(world, 250)
    world.sandbox.set_faults(Faults(script=["error", None, None]))
    found = drift(world)
    assert (found.asked, found.read, found.unread, found.gone) == (250, 150, 100, 0)
    assert not found.ok
    assert "150 of 250 were read" in (found.error or "")


def test_a_record_that_is_refused_is_told_and_the_others_are_read(world: World) -> None:
    delivered(world, 10)
    world.sandbox.set_faults(Faults(poison_values={contact_of(world, 4).id}))
    found = drift(world)
    assert (found.equal, found.unread, found.reasons) == (9, 1, {"INVALID_INPUT": 1})


def test_a_revoked_token_ends_it_and_an_absent_one_asks_nothing(world: World) -> None:
    delivered(world, 3)
    world.sandbox.set_faults(Faults(revoke_after=0))
    found = drift(world)
    assert (found.unread, found.ok) == (3, False)
    assert "env:HUBSPOT_TOKEN" in (found.error or "")
    requests = world.sandbox.hubspot.requests
    environment = {k: v for k, v in world.settings.environment.items() if k != "HUBSPOT_TOKEN"}
    world.settings = type(world.settings)(**{**vars(world.settings), "environment": environment})
    with pytest.raises(ConfigurationError, match="HUBSPOT_TOKEN"):
        drift(world)
    assert world.sandbox.hubspot.requests == requests


def test_it_keeps_to_the_account_s_rate(world: World) -> None:
    delivered(world, 6)
    world.write_sync("contacts", SYNC + "batch: 1\n")
    world.write_destinations(requests_per_second=20)
    before = len(world.sandbox.hubspot.moments)
    assert drift(world).read == 6
    moments = world.sandbox.hubspot.moments[before:]
    assert len(moments) == 6
    assert (len(moments) - 1) / (moments[-1] - moments[0]) <= 20


def test_a_part_is_asked_for_by_limit_or_sample(any_world: World) -> None:
    world = delivered(any_world, 9)
    edit(world, 0, firstname="Annie")
    first = drift(world, limit=2)
    assert (first.held, first.asked, first.edited) == (9, 2, 1)
    assert drift(world, sample=4).read == 4
    assert drift(world, sample=40).read == 9
    with pytest.raises(UsageError, match="exclude each other"):
        drift(world, limit=1, sample=1)
    with pytest.raises(UsageError, match="0 records"):
        drift(world, limit=0)


def test_samples_differ_from_moment_to_moment(world: World) -> None:
    delivered(world, 40)
    edit(world, 3, firstname="Annie")
    moments = [world.settings.now.replace(microsecond=n) for n in range(6)]
    settings = [type(world.settings)(**{**vars(world.settings), "now": moment}) for moment in moments]
    found = {sync_drift(each, "contacts", sample=20).edited for each in settings}
    assert found == {0, 1}


def test_nothing_delivered_asks_nothing(world: World) -> None:
    found = drift(world)
    assert (found.held, found.read, found.ok) == (0, 0, True)
    assert world.sandbox.hubspot.requests == 0


def test_what_cannot_be_read_is_refused_plainly(world: World) -> None:
    world.write_sync("people", FILE_SYNC)
    with pytest.raises(
        UsageError, match=r"`people` cannot be read: file gives no `csv` back\..*hubspot's contacts"
    ):
        drift(world, "people")


def test_a_sync_that_runs_holds_it_and_a_run_meanwhile_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(world, 3)
    with (
        sync_lease(world.settings.home, "contacts", "hubspot"),
        pytest.raises(HeldError, match="is being run"),
    ):
        drift(world)
    world.set(1, given_name="Ana")
    runs = iter([True])

    def on_progress(read: int, asked: int) -> None:
        if next(runs, False):
            other = Thread(target=world.run)
            other.start()
            other.join()

    found = sync_drift(world.settings, "contacts", on_progress=on_progress)
    assert found.notes == [MEANWHILE]
    assert drift(world).notes == []


def test_a_stop_ends_it_and_what_was_answered_is_told(world: World) -> None:
    world.write_destinations(concurrency=1)
    delivered(world, 9, SYNC + "batch: 1\n")
    stop = Stop()
    found = drift(world, stop=stop, on_progress=lambda read, asked: stop.ask() if read == 3 else None)
    assert 3 <= found.read < 9
    assert "Stopped, as it was asked to" in (found.error or "")


def test_a_run_that_was_cut_short_is_no_drift(world: World) -> None:
    delivered(world, 3)
    world.set(1, given_name="Ana")
    world.run()
    # What a kill leaves: the answer is in the journal, and the warehouse has not heard of it.
    world.sql("update ops.sync_records set field_digests = repeat('0', 40) where record_key = 'p_00001'")
    assert drift(world).edited == 1
    with sqlite3.connect(world.settings.home / "journal.db") as journal:
        journal.execute("update runs set merged = 0 where rowid = (select max(rowid) from runs)")
    assert drift(world).equal == 3


def test_no_person_and_no_token_is_in_the_log(world: World) -> None:
    delivered(world, 20)
    edit(world, 3, firstname="Annie")
    world.sandbox.set_faults(Faults(leak=True, script=["error"], poison_values={contact_of(world, 5).id}))
    drift(world, values=True)
    last = lines(world)[-1]
    assert (last["event"], last["read"], last["edited"], last["fields"]) == ("drift", 19, 1, {"firstname": 1})
    text = (world.settings.home / "logs" / "sync.jsonl").read_text(encoding="utf-8")
    for word in (TOKEN, "person3@", "Annie", "Given3", "p_00003", contact_of(world, 5).id):
        assert word not in text
    assert [path.name for path in world.settings.home.iterdir() if path.name.startswith("tmp")] == []


@pytest.fixture
def kith(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["sync", "drift", *words])
        said = capsys.readouterr()
        return int(str(left.value.code or 0)), said.out, said.err

    return call


def test_the_command_tells_counts_and_values_only_when_asked(world: World, kith: Any) -> None:
    delivered(world, 6)
    edit(world, 1, firstname="Annie", kith_net_revenue="")
    world.sandbox.hubspot.contacts.archive(contact_of(world, 3))
    code, out, err = kith("contacts")
    assert (code, err) == (0, "")
    assert "6 read of 6 there by this sync · 4 equal · 1 edited · 1 gone · 0 another's" in out
    assert "edited 1: firstname" in out
    assert not any(word in out for word in ("Annie", "p_0000"))
    _, out, _ = kith("contacts", "--values")
    assert "edited     p_00001  firstname Annie · kith_net_revenue (empty)" in out
    assert "gone       p_00003" in out
    code, out, _ = kith("contacts", "--json")
    (told,) = json.loads(out)
    assert (code, told["edited"], told["fields"]["firstname"], told["samples"]) == (0, 1, 1, None)
    assert not any(word in out for word in ("Annie", "p_0000"))


def test_the_command_s_exit_code_tells_what_was_not_read(world: World, kith: Any) -> None:
    delivered(world, 3)
    world.write_sync("people", FILE_SYNC)
    assert kith()[0] == 2
    assert kith("contacts", "--limit", "1", "--sample", "1")[0] == 2
    assert kith("contacts", "--limit", "0")[0] == 2
    assert kith("nobody")[0] == 2
    code, out, err = kith("people", "contacts")
    assert (code, "cannot be read" in err, "3 equal" in out) == (2, True, True)
    world.sandbox.set_faults(Faults(daily_quota=0))
    code, out, err = kith("contacts")
    assert (code, "not read 3" in out, "the quota is used up" in err) == (1, True, True)


def test_the_sandbox_is_asked_in_the_account_s_place(world: World, kith: Any) -> None:
    world.add_people(range(3))
    world.run(sandbox=True)
    with own_sandbox(world.settings) as own:
        edited = World(world.settings, own)
        edit(edited, 1, firstname="Annie")
        own.hubspot.contacts.save([contact_of(edited, 1)])
    code, out, _ = kith("contacts", "--sandbox")
    assert (code, "contacts → hubspot@sandbox" in out, "edited 1: firstname" in out) == (0, True, True)
    assert kith("contacts")[1].count("0 read of 0") == 1
    assert world.sandbox.hubspot.requests == 0
