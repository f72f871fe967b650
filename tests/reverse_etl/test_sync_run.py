"""What a run of a sync does, on both engines, over real HTTP."""

from __future__ import annotations

from reverse_etl.api.plan import plan_sync
from tests.reverse_etl.world import World


def test_the_first_run_delivers_everyone(any_world: World) -> None:
    any_world.add_people(range(250))
    report = any_world.run()
    assert (report.status, report.delivered, report.new) == ("done", 250, 250)
    assert len(any_world.contacts) == 250
    assert any_world.contacts["p_00007"] == {
        "kith_person_id": "p_00007",
        "email": "person7@example.com",
        "firstname": "Given7",
        "kith_net_revenue": "7.50",
        "kith_last_order_at": "2026-11-01T10:00:00.000000Z",
    }


def test_one_changed_profile_is_the_only_record_sent(any_world: World) -> None:
    any_world.add_people(range(120))
    any_world.run()
    sent = len(any_world.sandbox.truth()["received"])
    any_world.set(42, net_revenue=99.9)
    plan = plan_sync(any_world.settings, "contacts")
    assert (plan.changed, plan.changed_fields) == (1, {"kith_net_revenue": 1})
    any_world.run(plan_id=plan.plan_id)
    assert len(any_world.sandbox.truth()["received"]) == sent + 1
    assert any_world.contacts["p_00042"]["kith_net_revenue"] == "99.90"


def test_a_changed_email_goes_to_the_same_contact(any_world: World) -> None:
    any_world.add_people(range(3))
    any_world.run()
    any_world.set(1, email="new@example.com")
    any_world.sql("update marts.consents set contact_point = 'new@example.com' where person_id = 'p_00001'")
    any_world.run()
    assert len(any_world.contacts) == 3
    assert any_world.contacts["p_00001"]["email"] == "new@example.com"


def test_those_without_consent_are_held_back(any_world: World) -> None:
    any_world.add_people(range(10))
    any_world.add_people(range(10, 14), consent="denied")
    any_world.add_people(range(14, 16), consent=None)
    report = any_world.run()
    assert (report.delivered, report.held) == (10, {"no consent": 6})
    assert len(any_world.contacts) == 10


def test_consent_for_another_address_or_purpose_is_no_consent(world: World) -> None:
    world.add_people(range(4), consent=None)
    world.sql(
        "insert into marts.consents values "
        "('p_00000', 'marketing', 'email', 'email', 'other@example.com', 'granted'), "
        "('p_00001', 'research', 'email', 'email', 'person1@example.com', 'granted'), "
        "('p_00002', 'marketing', 'email', null, null, 'granted'), "
        "('p_00003', 'marketing', 'email', null, null, 'denied'), "
        "('p_00003', 'marketing', 'email', 'email', 'person3@example.com', 'granted')"
    )
    world.run()
    assert set(world.contacts) == {"p_00002"}


def test_consent_is_to_the_mailbox_however_it_is_written(any_world: World) -> None:
    any_world.add_people(range(2), consent=None)
    any_world.set(0, email="Ana.Ruiz+shop@googlemail.com")
    any_world.set(1, email="Bo.Li@Example.com")
    any_world.sql(
        "insert into marts.consents values "
        "('p_00000', 'marketing', 'email', 'email', 'anaruiz@gmail.com', 'granted'), "
        "('p_00001', 'marketing', 'email', 'email', 'boli@example.com', 'granted')"
    )
    any_world.run()
    assert set(any_world.contacts) == {"p_00000"}


def test_a_withdrawal_removes_the_contact_that_this_sync_made(any_world: World) -> None:
    any_world.add_people(range(10))
    any_world.run()
    any_world.decide(3, "denied")
    report = any_world.run()
    assert (report.removed, report.delivered) == (1, 1)
    assert "p_00003" not in any_world.contacts
    any_world.decide(3, "granted")
    any_world.run()
    assert len(any_world.contacts) == 10


def test_who_leaves_the_model_is_archived_and_nobody_else(any_world: World) -> None:
    stranger = any_world.sandbox.hubspot.contacts.create({"email": "stranger@example.com"})
    any_world.add_people(range(5))
    any_world.run()
    any_world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00002'")
    report = any_world.run()
    assert report.removed == 1
    assert set(any_world.contacts) == {"p_00000", "p_00001", "p_00003", "p_00004", "stranger@example.com"}
    assert stranger.writes == 1
    assert any_world.run().planned == 0


def test_a_contact_that_exists_by_email_is_taken_over_not_doubled(world: World) -> None:
    world.sandbox.hubspot.contacts.create({"email": "person1@example.com", "firstname": "Rep's own"})
    world.add_people(range(3))
    world.run()
    assert len(world.contacts) == 3


def test_a_contact_deleted_at_the_destination_is_made_again(world: World) -> None:
    world.add_people(range(3))
    world.run()
    account = world.sandbox.hubspot.contacts
    found = account.find("person1@example.com", "email")
    assert found is not None
    account.archive(found)
    world.set(1, net_revenue=5)
    assert world.run().delivered == 1
    assert world.contacts["p_00001"]["kith_net_revenue"] == "5.00"


def test_null_leaves_or_clears_as_the_field_says(any_world: World) -> None:
    any_world.add_people(range(2))
    any_world.run()
    any_world.set(1, given_name=None, net_revenue=None)
    any_world.run()
    contact = any_world.contacts["p_00001"]
    assert contact["firstname"] == "Given1"
    assert "kith_net_revenue" not in contact


def test_write_policies_keep_what_people_wrote(world: World) -> None:
    text = world.settings.syncs.joinpath("contacts.yml").read_text()
    world.write_sync(
        "contacts",
        text.replace("firstname: given_name", "firstname: {from: given_name, write: fill_empty}").replace(
            "  kith_last_order_at: last_order_at",
            "  lifecyclestage: {from: lifecycle_stage, write: forward_only}",
        ),
    )
    world.sql("alter table activation.sync_hubspot__contacts add column lifecycle_stage text")
    world.sql(
        "insert into activation.sync_hubspot__contacts values "
        "('p_00001', 'person1@example.com', 'Ours', 1, null, 'lead'), "
        "('p_00002', 'person2@example.com', 'Ours', 1, null, 'customer')",
        "insert into marts.consents select person_id, 'marketing', 'email', 'email', email, 'granted' "
        "from activation.sync_hubspot__contacts",
    )
    account = world.sandbox.hubspot.contacts
    account.create({"email": "person1@example.com", "firstname": "Theirs", "lifecyclestage": "opportunity"})
    account.create({"email": "person2@example.com", "lifecyclestage": "lead"})
    world.run()
    one, two = world.contacts["p_00001"], world.contacts["p_00002"]
    assert (one["firstname"], one["lifecyclestage"]) == ("Theirs", "opportunity")
    assert (two["firstname"], two["lifecyclestage"]) == ("Ours", "customer")


def test_a_change_of_the_mapping_is_announced_as_such(world: World) -> None:
    world.add_people(range(5))
    world.run()
    text = world.settings.syncs.joinpath("contacts.yml").read_text()
    world.write_sync("contacts", text.replace("  kith_last_order_at: last_order_at\n", ""))
    plan = plan_sync(world.settings, "contacts")
    assert (plan.changed, plan.remapped) == (5, 5)
