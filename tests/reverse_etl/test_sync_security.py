"""Secrets come by reference, names are quoted, values are never part of a statement."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reverse_etl.api.run import run_sync
from reverse_etl.errors import ConfigurationError
from tests.reverse_etl.world import SYNC, World

KEYRING = 'def get_password(service, user):\n    return f"from-keyring-{service}-{user}"\n'
COLUMN = """it's "odd"; drop schema ops cascade; --"""


def refer(world: World, reference: str) -> None:
    """The account's token by this reference."""
    text = world.settings.destinations.read_text()
    world.settings.destinations.write_text(text.replace("env:HUBSPOT_TOKEN", reference))


def test_a_token_comes_from_a_file_and_the_file_is_named_when_it_is_not_there(world: World) -> None:
    world.add_people(range(3))
    refer(world, "file:tokens/hubspot")
    with pytest.raises(ConfigurationError, match="credential file:tokens/hubspot is not set"):
        run_sync(world.settings, "contacts")
    (world.settings.root / "tokens").mkdir()
    (world.settings.root / "tokens" / "hubspot").write_text("from-a-file\n")
    assert world.run().delivered == 3
    assert world.sandbox.hubspot.tokens == {"from-a-file"}


def test_a_token_comes_from_the_keyring(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_people(range(3))
    refer(world, "keyring:crm/kith")
    (tmp_path / "keyring.py").write_text(KEYRING)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    assert world.run().delivered == 3
    assert world.sandbox.hubspot.tokens == {"from-keyring-crm-kith"}


def test_names_are_quoted_whatever_they_are(any_world: World) -> None:
    quoted = COLUMN.replace('"', '""')
    any_world.sql(f'alter table activation.sync_hubspot__contacts rename column given_name to "{quoted}"')
    yaml = COLUMN.replace("'", "''")
    any_world.write_sync("contacts", SYNC.replace("firstname: given_name", f"firstname: '{yaml}'"))
    any_world.add_people(range(3))
    assert any_world.run().delivered == 3
    assert any_world.contacts["p_00001"]["firstname"] == "Given1"
    any_world.sql(
        f"update activation.sync_hubspot__contacts set \"{quoted}\" = 'Ana' where person_id = 'p_00001'"
    )
    assert any_world.run().delivered == 1
    assert any_world.contacts["p_00001"]["firstname"] == "Ana"


def test_values_are_compared_and_never_run(any_world: World) -> None:
    text = SYNC.replace("purpose: marketing", "purpose: \"marketing' or '1'='1\"")
    any_world.write_sync("contacts", text)
    any_world.add_people(range(3))
    report = any_world.run()
    assert (report.planned, report.held) == (0, {"no consent": 3})
    assert any_world.sandbox.hubspot.requests == 0
    key = "p'; drop table activation.sync_hubspot__contacts; --"
    doubled = key.replace("'", "''")
    any_world.write_sync("contacts", SYNC)
    any_world.sql(
        f"update activation.sync_hubspot__contacts set person_id = '{doubled}' where person_id = 'p_00001'",
        f"update marts.consents set person_id = '{doubled}' where person_id = 'p_00001'",
    )
    assert any_world.run().delivered == 3
    assert key in any_world.contacts
    assert any_world.run().planned == 0
