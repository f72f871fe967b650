"""One alert an incident, and its end: asserted against what the channels received."""

from __future__ import annotations

from reverse_etl.api.gate import gate_sync
from reverse_etl.api.retry import retry_sync
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import HeldError
from reverse_etl.sandbox import Faults
from tests.kith.alerts.world import AlertWorld
from tests.reverse_etl.faults.sweep import find_leaks
from tests.support.receivers import MailServer, Webhook


def test_what_fails_three_times_is_told_once_and_its_end_once(
    any_world: AlertWorld, webhook: Webhook, mail: MailServer
) -> None:
    any_world.add_people(range(3))
    any_world.fail()
    (told,) = webhook.texts
    assert told.startswith("FAILED  contacts → hubspot\n")
    for words in (
        "401 for the token in env:HUBSPOT_TOKEN",
        "owner  tests@example.com",
        "kith sync run contacts",
    ):
        assert words in told
    (first,) = mail.mails
    assert (first["Subject"], first["To"]) == ("Kith: FAILED  contacts → hubspot", "team@example.com")
    assert first.get_content().strip() == told.strip()

    any_world.sandbox.set_faults(Faults())
    assert any_world.run().ok
    for _ in range(2):
        assert any_world.alerts().open == []
    assert len(webhook.texts) == len(mail.mails) == 2
    ended = webhook.texts[1]
    assert ended.startswith("ENDED  FAILED  contacts → hubspot\n  lasted 4 h 1")

    any_world.sandbox.set_faults(Faults(error=1))
    any_world.set(1, given_name="Canaria1b")
    any_world.run()
    any_world.alerts()
    assert webhook.texts[2].startswith("FAILED  contacts → hubspot\n  what   hubspot: ")
    assert "env:HUBSPOT_TOKEN" not in webhook.texts[2]
    assert len(webhook.texts) == len(mail.mails) == 3


def test_a_channel_that_is_down_is_told_by_a_later_round_and_the_other_not_again(
    world: AlertWorld, webhook: Webhook, mail: MailServer
) -> None:
    world.add_people(range(3))
    webhook.status, mail.refuse = 500, True
    world.fail()
    assert (webhook.bodies, mail.mails) == ([], [])
    mail.refuse = False
    found = world.alerts()
    assert [told.error for told in found.told] == ["on_call: status 500, 1 times.", None]
    assert len(mail.mails) == 1
    world.sandbox.set_faults(Faults())
    world.run()
    assert not world.alerts().ok
    webhook.status = 200
    assert world.alerts().ok
    # It begun and ended unheard: one message tells both.
    (told,) = webhook.texts
    assert told.startswith("ENDED  FAILED  contacts → hubspot\n  lasted 5 h")
    assert len(mail.mails) == 2
    assert world.alerts().told == []


def test_a_channel_that_is_new_is_told_of_what_goes_on_and_not_of_what_is_over(
    world: AlertWorld, webhook: Webhook
) -> None:
    path = world.settings.root / "orchestration" / "alerts.yml"
    text = path.read_text()
    path.unlink()
    world.add_people(range(3))
    world.fail()
    world.sandbox.set_faults(Faults())
    world.run()
    assert world.alerts().open == []
    world.sql("delete from activation.sync_hubspot__contacts")
    world.refused(HeldError, "rows 0")
    found = world.alerts()
    assert ([one.kind for one in found.open], found.told, found.channels) == (["held"], [], 0)
    path.write_text(text)
    world.alerts()
    (told,) = webhook.texts
    assert told.startswith("HELD  contacts → hubspot\n  what   rows 0, guard min_rows 1")
    assert "to do  kith sync plan contacts; to send it all the same: kith sync approve 2026-" in told


def test_a_sync_that_changes_how_it_fails_is_told_of_both_and_an_end_says_what_goes_on(
    world: AlertWorld, webhook: Webhook
) -> None:
    world.add_people(range(30))
    world.run()
    world.set(1, given_name="Canaria1b")
    world.fail()
    world.sandbox.set_faults(Faults())
    world.sql("delete from activation.sync_hubspot__contacts where person_id > 'p_00009'")
    world.refused(HeldError, "rows lost")
    world.alerts()
    begun, ended = webhook.texts[1].split("\n\n")
    assert begun.startswith("HELD  contacts → hubspot")
    assert ended.startswith("ENDED  FAILED  contacts → hubspot")
    assert ended.strip().endswith("still  HELD")


def test_rejects_that_are_parked_are_one_incident_until_they_are_delivered(
    any_world: AlertWorld, webhook: Webhook
) -> None:
    any_world.add_people(range(4))
    any_world.sandbox.set_faults(Faults(fail_values={"Canaria1"}, fail_code="PROPERTY_DOESNT_EXIST"))
    any_world.run()
    any_world.alerts()
    (told,) = webhook.texts
    assert told.startswith(
        "REJECTED  contacts → hubspot\n  what   rejected and not tried again by itself: 1 ("
    )
    assert "kith sync retry contacts" in told
    any_world.sandbox.set_faults(
        Faults(fail_values={"Canaria1", "Canaria2"}, fail_code="PROPERTY_DOESNT_EXIST")
    )
    any_world.set(2, net_revenue=9)
    any_world.run()
    any_world.alerts()
    assert len(webhook.texts) == 1
    any_world.sandbox.set_faults(Faults())
    retry_sync(any_world.settings, "contacts")
    any_world.alerts()
    assert webhook.texts[1].startswith("ENDED  REJECTED  contacts → hubspot")


def test_what_only_the_gate_held_is_told_with_the_owner(any_world: AlertWorld, webhook: Webhook) -> None:
    any_world.add_people(range(4))
    any_world.set(1, email=None)
    any_world.tick()
    assert not gate_sync(any_world.settings, "contacts").passed
    for _ in range(2):
        any_world.alerts()
    (told,) = webhook.texts
    assert "the gate holds sync_hubspot__contacts: null_email, rows 4" in told
    assert "owner  tests@example.com" in told
    any_world.set(1, email="canary1@canary.example")
    any_world.tick()
    gate_sync(any_world.settings, "contacts")
    any_world.alerts()
    assert webhook.texts[1].startswith("ENDED  HELD")


def test_a_source_that_is_late_is_told_once(any_world: AlertWorld, webhook: Webhook) -> None:
    any_world.sql(
        "create schema staging",
        "create table staging.base_hubspot__contact (loaded_at timestamp)",
        "insert into staging.base_hubspot__contact values (timestamp '2026-11-17 10:00:00')",
    )
    for _ in range(2):
        any_world.alerts()
    (told,) = webhook.texts
    assert told.startswith("STALE  hubspot.contact\n  what   last loaded 2026-11-17 10:00, late after")
    any_world.sql("update staging.base_hubspot__contact set loaded_at = timestamp '2026-11-20 10:00:00'")
    any_world.alerts()
    assert webhook.texts[1].startswith("ENDED  STALE  hubspot.contact")


def test_a_warehouse_that_is_gone_is_one_incident_and_ends_no_other(
    any_world: AlertWorld, webhook: Webhook
) -> None:
    any_world.add_people(range(3))
    any_world.fail()
    well = any_world.settings
    if well.target == "postgres":
        any_world.set_environment(KITH_POSTGRES_HOST="/nowhere")
    else:
        file = well.home / "warehouse.duckdb"
        content = file.read_bytes()
        file.write_bytes(b"damaged" * 1000)
    for _ in range(2):
        any_world.alerts()
    assert [text.partition("\n")[0] for text in webhook.texts[1:]] == ["UNREADABLE  the warehouse"]
    assert len(any_world.alerts().open) == 2
    if well.target == "postgres":
        any_world.set_environment(KITH_POSTGRES_HOST=well.environment["KITH_POSTGRES_HOST"])
    else:
        file.write_bytes(content)
    assert [one.kind for one in any_world.alerts().open] == ["failed"]
    assert webhook.texts[2].startswith("ENDED  UNREADABLE  the warehouse")


def test_what_a_person_stops_is_no_incident_and_ends_none(world: AlertWorld, webhook: Webhook) -> None:
    world.add_people(range(3))
    stop = Stop()
    stop.ask()
    assert world.run(stop=stop).status == "stopped"
    assert world.alerts().open == []
    world.fail()
    assert world.run(stop=stop).status == "stopped"
    assert [one.kind for one in world.alerts().open] == ["failed"]
    assert len(webhook.texts) == 1


def test_no_person_and_no_secret_is_in_an_alert(
    world: AlertWorld, webhook: Webhook, mail: MailServer
) -> None:
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(fail_values={"Canaria1"}, fail_code="PROPERTY_DOESNT_EXIST", leak=True))
    world.run()
    world.alerts()
    world.sandbox.set_faults(Faults(revoke_after=0, leak=True))
    world.set(2, given_name="Canaria2b")
    world.run()
    world.alerts()
    webhook.status = 403
    world.sql("delete from activation.sync_hubspot__contacts")
    world.refused(HeldError, "rows 0")
    world.said += [str(told.error) for told in world.alerts().told]
    assert len(mail.mails) == 3
    spoken = "\n".join([*webhook.texts, *(f"{sent['Subject']}\n{sent.get_content()}" for sent in mail.mails)])
    assert find_leaks(world, spoken) == []
    assert "secret-path-4417" not in "\n".join(world.said)
