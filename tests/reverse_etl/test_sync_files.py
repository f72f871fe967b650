"""Files that people write: every mistake has a file, a line and a next step."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from kith.cli import main
from reverse_etl.api.definitions import sync_names
from reverse_etl.api.gate import gate_for
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.validate import validate_syncs
from reverse_etl.errors import ConfigurationError, UsageError
from reverse_etl.schemas import FOLDER, published
from reverse_etl.settings import PACKAGE_ROOT
from tests.conftest import make_settings
from tests.reverse_etl.world import FILE_SYNC, SYNC, World

# What is written in place of what, and the line and words that the answer must hold.
MISTAKES = [
    ("on_removed:", "onremoved:", 16, ["unknown key `onremoved`", "Nearest: `on_removed`"]),
    ("mode: mirror", "mode: mirrored", 7, ["`mode` must be one of", "mirror"]),
    ("mode: mirror", "mode: event", 7, ["`contacts` takes no mode `event`"]),
    ("model: sync_hubspot__contacts", "model: sync_hubspot_contact", 3, ["no model `sync_hubspot_contact`"]),
    ("object: contacts", "object: contact", 6, ["has no object `contact`", "Nearest: `contacts`"]),
    ("destination: hubspot", "destination: hubspt", 5, ["no destination `hubspt`", "Nearest: `hubspot`"]),
    ("purpose: marketing\n", "", 4, ["`purpose` required", "person_id"]),
    ("email: email", "email: e_mail", 12, ["reads column `e_mail`", "Nearest: `email`"]),
    ("firstname: given_name", "firstname: {from: given_nam}", 13, ["`given_nam`", "Nearest: `given_name`"]),
    (
        "firstname: given_name",
        "firstname: {from: given_name, write: forward_only}",
        13,
        ["no known order", "lifecyclestage"],
    ),
    ("firstname: given_name", "firstname: {from: given_name, on_nul: clear}", 13, ["Nearest: `on_null`"]),
    ("firstname: given_name", "firstname: {write: always}", 13, ["`fields.firstname.from` is required"]),
    ("firstname: given_name", "firstname: [given_name]", 13, ["fields.firstname"]),
    ("firstname: given_name", "email: given_name", 13, ["`email` stands here a second time"]),
    ("kith_person_id, email]", "kith_person_id, mail]", 8, ["cannot be matched by `mail`"]),
    ("[destination_id, kith_person_id, email]", "[destination_id]", 8, ["someone new"]),
    (
        "match: [destination_id, kith_person_id, email]",
        "match: [destination_id, email]\non_merge: merge",
        9,
        ["on_merge `merge` needs `match: [destination_id, kith_person_id"],
    ),
    (
        "on_removed: archive",
        'on_removed: archive\nrun: {cron: "0 24 * * *"}',
        17,
        ["`24` is no hour"],
    ),
    ("on_removed: archive", "on_removed: archive\nrun:\n  cron: at six", 18, ["it has 2 fields, not 5"]),
    ("on_removed: archive", "on_removed: archive\nbatch: 101", 17, ["`hubspot` takes", "at most 100"]),
    ("on_removed: archive", "on_removed: archive\nbatch: 0", 17, ["`batch`", "1"]),
    ("on_removed: archive", "on_removed: archive\nbatch: yes", 17, ["`batch`"]),
    ("mode: mirror", "mode: update", 16, ["on_removed needs `mode: mirror` or `upsert`"]),
    ("on_removed: archive", "on_removed: archive\nguards: {max_shrink: 2}", 17, ["guards.max_shrink"]),
    ("key: person_id", "key: person", 4, ["`key` is column `person`"]),
    ("fields:\n", "fields: {\n", 13, ["is no YAML"]),
    (SYNC, "", 1, ["holds no keys"]),
    ("fields:\n", "guards: &loop\n  min_rows: *loop\nfields:\n", 11, ["stands inside it"]),
    ("fields:\n", "? [a]\n: b\nfields:\n", 11, ["a key is one word"]),
    ("fields:\n", f"owner: {'[' * 5000}\nfields:\n", 1, ["nested too deep"]),
    ("on_removed:", "confidence: likely\non_removed:", 16, ["`confidence` must be one of 'exact', 'strict'"]),
    (SYNC, "- a\n- b\n", 1, ["holds no keys"]),
    ("mode: mirror", "Mode: mirror", 7, ["unknown key `Mode`. Nearest: `mode`"]),
    ("firstname: given_name", "firstname:", 13, ["a column's name, or a rule such as {from: column}"]),
    (
        "firstname: given_name",
        "firstname: {from: given_name, write: fill-empty}",
        13,
        ["Nearest: `fill_empty`"],
    ),
    ("match: [destination_id, kith_person_id, email]", "match: email", 8, ["`match` must be a list"]),
    ("kith_person_id, email]", "email, email]", 8, ["match names `email` a second time"]),
    ("owner: tests@example.com", "owner:", 2, ["`owner` is empty: write a text"]),
    ("on_removed: archive", "on_removed: archive\nrun: daily", 17, ["`run` must be one of 'on_upstream'"]),
    ("on_removed: archive", "on_removed: archive\nrun: {corn: x}", 17, ["`corn`. Nearest: `cron`"]),
    ("on_removed: archive", "on_removed: archive\nguards: {max_shrink: 20%}", 17, ["0.2 is 20 %"]),
]


def test_one_mistake_is_told_once(world: World) -> None:
    for before, after in [
        ("mode: mirror", "Mode: mirror"),
        ("on_removed: archive", "run: daily"),
        ("on_removed: archive", "run: {corn: x}"),
    ]:
        world.write_sync("contacts", SYNC.replace(before, after, 1))
        problems = validate_syncs(world.settings).problems
        assert len(problems) == 1, problems


@pytest.mark.parametrize(("before", "after", "line", "words"), MISTAKES)
def test_a_mistake_in_a_sync_is_told_with_its_line(
    world: World, before: str, after: str, line: int, words: list[str]
) -> None:
    assert before in SYNC
    world.write_sync("contacts", SYNC.replace(before, after, 1))
    with pytest.raises(UsageError) as raised:
        plan_sync(world.settings, "contacts")
        raise AssertionError(validate_syncs(world.settings).problems)
    first = raised.value.message.splitlines()[0]
    problems = "\n".join(str(problem) for problem in validate_syncs(world.settings).problems)
    assert f"reverse_etl/syncs/contacts.yml:{line}  " in problems + first
    for word in words:
        assert word in problems


def test_what_a_file_cannot_do_is_refused_with_its_line(world: World) -> None:
    world.write_sync("people", FILE_SYNC.replace("email: email", "email: {from: email, write: fill_empty}"))
    problems = validate_syncs(world.settings, ["people"]).problems
    assert [problem.line for problem in problems] == [12]
    assert "`fill_empty` is not carried out by this version for `csv`" in problems[0].message
    world.write_sync("people", FILE_SYNC.replace("delete", "archive\non_merge: clear"))
    problems = validate_syncs(world.settings, ["people"]).problems
    assert [problem.line for problem in problems] == [16, 17]
    assert "on_removed `archive` is not carried out by this version for `csv`" in problems[0].message
    assert "on_merge `clear` is not" in problems[1].message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("hubspot:\n  kind: hubspot\n  token: pat-na1-secret-canary\n", 3, ["by reference"]),
        ("hubspot:\n  kind: hubspto\n", 2, ["no kind of destination `hubspto`", "Nearest: `hubspot`"]),
        ("hubspot:\n  kind: [hubspot]\n", 2, ["no kind of destination"]),
        ("hubspot:\n  token: env:X\n", 1, ["has no kind", "Write `kind:`"]),
        ("hubspot:\n  kind: hubspot\n", 1, ["`token` is required"]),
        ("hubspot:\n  kind: hubspot\n  token: env:X\n  base_ur: x\n", 4, ["Nearest: `base_url`"]),
        (
            "hubspot:\n  kind: hubspot\n  token: env:X\n  requests_per_second: -1\n",
            4,
            ["requests_per_second"],
        ),
        *[
            (f"hubspot:\n  kind: hubspot\n  token: env:X\n  {key}: {value}\n", 4, [key])
            for key, value in [
                ("requests_per_second", ".inf"),
                ("requests_per_second", ".nan"),
                ("requests_per_second", "yes"),
                ("batch", "0"),
                ("batch", "101"),
                ("timeout_seconds", ".inf"),
                ("concurrency", "yes"),
                ("base_url", "https://ana:canary@api.example.com"),
                ("base_url", "https://canary@api.example.com"),
                ("base_url", "https://api.example.com/?key=canary"),
                ("base_url", "https://[canary"),
                ("base_url", "canary.example.com"),
            ]
        ],
    ],
)
def test_a_mistake_in_the_destinations_is_told_with_its_line(
    world: World, text: str, line: int, words: list[str]
) -> None:
    world.settings.destinations.write_text(text)
    with pytest.raises(UsageError) as raised:
        plan_sync(world.settings, "contacts")
    assert raised.value.message.startswith(f"reverse_etl/destinations.yml:{line}  ")
    assert "canary" not in raised.value.message
    told = [str(problem) for problem in validate_syncs(world.settings).problems]
    assert told == [raised.value.message]
    for word in words:
        assert word in raised.value.message


def test_files_that_are_no_text_or_absent_are_told(world: World) -> None:
    (world.settings.syncs / "contacts.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"contacts.yml:1  is no UTF-8 text"):
        plan_sync(world.settings, "contacts")
    world.settings.destinations.unlink()
    with pytest.raises(UsageError, match=r"destinations.yml:1  cannot be read"):
        plan_sync(world.settings, "contacts")


def test_aliases_that_unfold_without_end_are_refused(world: World) -> None:
    layers = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    world.write_sync("contacts", "\n".join(layers) + "\n")
    with pytest.raises(UsageError, match="unfold to more than"):
        plan_sync(world.settings, "contacts")


def test_two_files_of_one_name_are_both_refused(world: World) -> None:
    (world.settings.syncs / "contacts.yaml").write_text(SYNC)
    told = [str(problem) for problem in validate_syncs(world.settings).problems]
    assert [place.split(":")[0] for place in told] == [
        "reverse_etl/syncs/contacts.yaml",
        "reverse_etl/syncs/contacts.yml",
    ]
    with pytest.raises(UsageError, match=r"are both the sync `contacts`"):
        plan_sync(world.settings, "contacts")


def test_a_column_in_another_case_is_answered_with_the_one_that_is_there(world: World) -> None:
    world.write_sync("contacts", SYNC.replace("email: email", "email: EMAIL"))
    with pytest.raises(UsageError, match=r"reads column `EMAIL`.*Nearest: `email`"):
        plan_sync(world.settings, "contacts")
    with pytest.raises(ConfigurationError, match=r"has no column `EMAIL`. Nearest: `email`"):
        gate_for(world.settings, "contacts")()


def test_an_unknown_sync_is_answered_with_the_nearest(world: World) -> None:
    with pytest.raises(UsageError, match=r"no sync `contcts`. Nearest: `contacts`"):
        plan_sync(world.settings, "contcts")


def test_a_mistake_in_one_sync_does_not_stop_another(world: World) -> None:
    world.write_sync("people", FILE_SYNC.replace("owner:", "ownr:"))
    world.add_people(range(2))
    assert plan_sync(world.settings, "contacts").new == 2


def test_running_all_is_refused_while_one_has_a_mistake(world: World) -> None:
    world.write_sync("people", FILE_SYNC.replace("owner:", "ownr:"))
    with pytest.raises(UsageError, match=r"people.yml:2  unknown key `ownr`"):
        sync_names(world.settings)


def test_validate_exits_with_2_and_prints_each_problem(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write_sync("contacts", SYNC.replace("firstname: given_name", "firstname: given_nam"))
    for name, value in world.settings.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as left:
        main(["sync", "validate"])
    assert left.value.code == 2
    said = capsys.readouterr()
    assert "reverse_etl/syncs/contacts.yml:13  field `firstname` reads column `given_nam`" in said.err
    with pytest.raises(SystemExit) as left:
        main(["sync", "validate", "--json"])
    assert left.value.code == 2
    assert json.loads(capsys.readouterr().out)["problems"][0]["line"] == 13


def test_columns_are_checked_against_the_project_when_there_is_no_warehouse(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home", "duckdb")
    found = validate_syncs(settings)
    assert found.problems == []
    assert found.checked_against == "dbt_project"
    assert {"cart_abandoners", "hubspot_contacts"} <= set(found.syncs)


def test_the_promised_shape_of_a_sync_validates(world: World) -> None:
    world.sql(
        "drop table activation.sync_hubspot__contacts",
        "create table activation.sync_hubspot__contacts (person_id text, email text, given_name text, "
        "lifecycle_stage text, net_revenue decimal(18, 2))",
    )
    world.write_sync(
        "contacts",
        "description: As promised.\nowner: crm@example.com\nmodel: sync_hubspot__contacts\nkey: person_id\n"
        "destination: hubspot\nobject: contacts\nmode: mirror\n"
        "match: [destination_id, kith_person_id, email]\npurpose: marketing\nchannel: email\n"
        "confidence: strict\nfields:\n  email: email\n  firstname: {from: given_name, write: fill_empty}\n"
        "  lifecyclestage: {from: lifecycle_stage, write: forward_only}\n"
        "  kith_net_revenue: {from: net_revenue, on_null: clear}\n"
        "on_removed: archive\non_merge: archive\n"
        "guards: {min_rows: 1, max_shrink: 0.2, max_delete_share: 0.05, max_create_share: 0.2}\n"
        "run: on_upstream\n",
    )
    assert validate_syncs(world.settings).problems == []


def test_the_published_schemas_are_current_and_accept_what_ships() -> None:
    for name, text in published().items():
        assert (FOLDER / name).read_text() == text, "run: make schemas"
    schema = json.loads((FOLDER / "sync.json").read_text())
    for path in (PACKAGE_ROOT / "reverse_etl" / "syncs").glob("*.yml"):
        assert path.read_text().startswith("# yaml-language-server: $schema=../schemas/sync.json\n")
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)
    accounts = (PACKAGE_ROOT / "reverse_etl" / "destinations.yml").read_text()
    assert accounts.startswith("# yaml-language-server: $schema=schemas/destinations.json\n")
    jsonschema.validate(yaml.safe_load(accounts), json.loads((FOLDER / "destinations.json").read_text()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(SYNC), "onremoved": "archive"}, schema)
