"""Syncs of people by other keys than person_id: consent is asked of each row's person all the same."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.api.status import sync_status
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import UsageError
from tests.reverse_etl.world import SYNC, World

CARDS = """\
description: Loyalty cards, by card.
owner: tests@example.com
model: cards
key: card
destination: files
object: csv
mode: mirror
purpose: marketing
channel: email
fields:
  card: card
  email: email
on_removed: delete
"""
ASKS = "purpose: marketing\nchannel: email\n"


def add_cards(world: World, numbers: range, columns: str = "card, person_id, email") -> None:
    """A card for each person of the world, and a second card for each even one."""
    world.sql(
        f"create table activation.cards as select {columns} from (select 'c' || person_id as card, "
        "person_id, email, given_name, net_revenue from activation.sync_hubspot__contacts "
        "union all select 'd' || person_id, person_id, email, given_name, net_revenue "
        f"from activation.sync_hubspot__contacts where net_revenue < {len(numbers) // 2}) as cards"
    )


def written(world: World) -> set[str]:
    """The cards in the file."""
    path = world.settings.home / "out" / "cards.csv"
    return {row["card"] for row in csv.DictReader(path.read_text().splitlines())}


def test_consent_is_asked_of_the_person_whatever_the_key_is(any_world: World) -> None:
    any_world.add_people(range(4))
    any_world.add_people(range(4, 6), consent="denied")
    add_cards(any_world, range(4))
    any_world.write_sync("cards", CARDS)
    report = any_world.run("cards")
    assert (report.delivered, report.held) == (6, {"no consent": 2})
    assert written(any_world) == {f"c{p}" for p in ("p_00000", "p_00001", "p_00002", "p_00003")} | {
        "dp_00000",
        "dp_00001",
    }
    any_world.decide(1, "denied")
    assert any_world.run("cards").removed == 2
    assert written(any_world) == {"cp_00000", "cp_00002", "cp_00003", "dp_00000"}


def test_a_row_of_another_key_whose_person_withdraws_after_the_plan_is_not_sent(any_world: World) -> None:
    any_world.add_people(range(4))
    add_cards(any_world, range(4))
    any_world.write_sync("cards", CARDS)
    plan = plan_sync(any_world.settings, "cards")
    any_world.decide(0, "denied")
    any_world.run("cards", plan_id=plan.plan_id)
    assert not {card for card in written(any_world) if card.endswith("p_00000")}


def test_a_row_without_a_person_is_not_sent(any_world: World) -> None:
    any_world.add_people(range(3))
    add_cards(any_world, range(0))
    any_world.sql("update activation.cards set person_id = null where card = 'cp_00001'")
    any_world.write_sync("cards", CARDS)
    assert any_world.run("cards").held == {"no consent": 1}


@pytest.mark.parametrize("columns", ["card, person_id", "card, person_id, email"])
def test_a_sync_by_another_key_does_not_validate_without_purpose_and_channel(
    world: World, columns: str
) -> None:
    world.add_people(range(2))
    add_cards(world, range(2), columns)
    fields = "" if "email" in columns else "  email: email\n"
    world.write_sync("cards", CARDS.replace(ASKS, "").replace(fields, ""))
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert str(problem).startswith("reverse_etl/syncs/cards.yml:4  `purpose` and `channel` required")
    assert "column `person_id`" in problem.message
    with pytest.raises(UsageError, match=r"cards.yml:4  `purpose` and `channel`"):
        run_sync(world.settings, "cards")


@pytest.mark.parametrize(
    ("column", "asks"),
    [
        ("email", ""),
        ("email as contact_mail, net_revenue as customerEmail", ""),
        ("email as mobile_number", ""),
        ("given_name as first_name", ""),
        ("net_revenue as points", ASKS),
    ],
)
def test_a_model_with_an_address_and_no_person_is_refused(world: World, column: str, asks: str) -> None:
    world.add_people(range(2))
    add_cards(world, range(2), f"card, {column}")
    text = CARDS.replace("  email: email\n", "").replace(ASKS, asks)
    world.write_sync("cards", text)
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert problem.line == 3
    assert "no column `person_id`: nobody could be asked for consent" in problem.message
    with pytest.raises(UsageError, match=r"cards.yml:3  "):
        run_sync(world.settings, "cards")
    assert not (world.settings.home / "out").exists()


def test_a_contact_of_a_crm_is_a_person_whatever_its_columns_are_called(world: World) -> None:
    world.sql("create table activation.cards as select 'c1' as card, 7 as points")
    text = CARDS.replace("files", "hubspot").replace("object: csv", "object: contacts").replace(ASKS, "")
    text = text.replace("  card: card\n  email: email\n", "  card: card\n")
    world.write_sync(
        "cards", text.replace("on_removed: delete", "on_removed: archive\nmatch: [kith_person_id]")
    )
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert "object `contacts`" in problem.message


def test_what_the_dbt_project_declares_personal_makes_a_sync_one_of_people(world: World) -> None:
    folder = world.settings.dbt_project / "models" / "activation"
    folder.mkdir(parents=True)
    (folder / "cards.sql").write_text("select 1")
    (folder / "_cards.yml").write_text(
        "models:\n  - name: cards\n    columns:\n      - {name: card, data_type: text}\n"
        "      - {name: street, data_type: text, config: {meta: {pii: true}}}\n"
    )
    world.write_sync("cards", CARDS.replace("  email: email\n", "").replace(ASKS, ""))
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert "column `street`, which is declared personal" in problem.message


def test_what_is_of_nobody_needs_no_consent(world: World) -> None:
    world.sql("create table activation.cards as select 'north' as card, 3 as members, true as email")
    world.write_sync("cards", CARDS.replace(ASKS, "").replace("  email: email", "  members: members"))
    report = world.run("cards")
    assert (report.delivered, report.held) == (1, {})


def test_a_plan_from_before_the_model_was_of_people_is_not_sent(world: World) -> None:
    world.sql("create table activation.cards as select 'c1' as card, 3 as points")
    text = CARDS.replace(ASKS, "").replace("  email: email", "  points: points")
    world.write_sync("cards", text)
    plan = plan_sync(world.settings, "cards")
    world.sql("alter table activation.cards add column person_id text")
    with pytest.raises(UsageError, match="out of date"):
        run_sync(world.settings, "cards", plan_id=plan.plan_id)
    assert not (world.settings.home / "out").exists()


def test_a_plan_whose_purpose_changed_since_is_not_sent(world: World) -> None:
    world.add_people(range(2))
    add_cards(world, range(2))
    world.write_sync("cards", CARDS)
    plan = plan_sync(world.settings, "cards")
    world.write_sync("cards", CARDS.replace("purpose: marketing", "purpose: research"))
    with pytest.raises(UsageError, match="have to consent to changed"):
        run_sync(world.settings, "cards", plan_id=plan.plan_id)


def test_consent_is_for_the_address_that_is_sent(any_world: World) -> None:
    any_world.add_people(range(2))
    any_world.sql(
        "create table activation.cards as select person_id as card, person_id, email, "
        "'other' || email as billing_email from activation.sync_hubspot__contacts"
    )
    any_world.write_sync("cards", CARDS.replace("email: email", "email: billing_email"))
    assert any_world.run("cards").held == {"no consent": 2}
    any_world.write_sync(
        "cards", CARDS.replace("  email: email", "  main_email: billing_email\n  second_email: email")
    )
    assert any_world.run("cards").delivered == 2


def test_of_two_addresses_the_one_that_is_written_to_must_be_told(world: World) -> None:
    world.add_people(range(2))
    world.sql(
        "create table activation.cards as select person_id as card, person_id, email as home_email, "
        "email as work_email from activation.sync_hubspot__contacts"
    )
    world.write_sync("cards", CARDS.replace("  email: email", "  one: home_email\n  two: work_email"))
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert (problem.line, "`home_email`, `work_email`" in problem.message) == (9, True)


def test_the_persons_id_is_never_made_of_another_key(world: World) -> None:
    world.add_people(range(2))
    add_cards(world, range(2))
    text = CARDS.replace("files", "hubspot").replace("object: csv", "object: contacts")
    text = text.replace("  card: card\n", "").replace("on_removed: delete", "on_removed: archive")
    world.write_sync("cards", text + "match: [destination_id, kith_person_id, email]\n")
    (problem,) = validate_syncs(world.settings, ["cards"]).problems
    assert (problem.line, "`kith_person_id` is the person's id" in problem.message) == (13, True)


def test_columns_that_nobody_declared_are_judged_by_what_the_sync_names(world: World) -> None:
    folder = world.settings.dbt_project / "models" / "activation"
    folder.mkdir(parents=True)
    (folder / "cards.sql").write_text("select 1")
    world.write_sync("cards", CARDS)
    elsewhere = replace(world.settings, home=world.settings.home / "other")
    assert validate_syncs(elsewhere, ["cards"]).problems == []
    world.write_sync("cards", CARDS.replace(ASKS, ""))
    (problem,) = validate_syncs(elsewhere, ["cards"]).problems
    assert "`purpose` and `channel` required" in problem.message


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("purpose: marketing", "purpose: marketng"), "purpose `marketng`, .* Nearest: `marketing`."),
        (("channel: email", "channel: e-mail"), "by channel `e-mail`, .* Nearest: `email`."),
    ],
)
def test_a_purpose_or_channel_that_nobody_decided_on_is_told_with_the_nearest(
    any_world: World, wrong: tuple[str, str], words: str
) -> None:
    any_world.add_people(range(3))
    any_world.write_sync("contacts", SYNC.replace(*wrong))
    (note,) = plan_sync(any_world.settings, "contacts").notes
    assert re.search(words, note)
    report = any_world.run()
    assert (report.planned, report.held, report.notes) == (0, {"no consent": 3}, [note])
    assert validate_syncs(any_world.settings, ["contacts"]).notes == [f"contacts: {note}"]
    (status,) = sync_status(any_world.settings)
    assert status.last_run is not None
    assert status.last_run["message"] == note


def test_where_somebody_decided_nothing_is_told(world: World) -> None:
    assert plan_sync(world.settings, "contacts").notes == []
    world.add_people(range(3), consent="denied")
    assert plan_sync(world.settings, "contacts").notes == []
