"""Who is one person, and which id that person has, through the real models on both engines."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace

import pytest

from tests.conftest import EACH_ALONE, make_settings
from tests.dbt.stories import Loads, networkx_groups, stories
from tests.support.identity import IdentityBuild, Record, groups_of
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.build

SHARED_BY_ALL = ("noreply@",)


@dataclass(frozen=True)
class Told:
    """All stories, told side by side in one warehouse.

    Attributes:
        people: after each load, (story, record id) → person id.
        aliases: at the end, retired id → current id.
        changes: at the end, (change, person id, other person id).
        identifiers: at the end, (story, value) → (status, reason) of person_identifiers.
    """

    identity: IdentityBuild
    loads: dict[str, Loads]
    people: list[dict[tuple[str, str], str]]
    aliases: dict[str, str]
    changes: list[tuple[str, str, str | None]]
    identifiers: dict[str, set[tuple[str, str | None]]]

    def story(self, name: str, load: int = -1) -> dict[str, str]:
        """Record id → person id of one story after a load."""
        return {key: person for (story, key), person in self.people[load].items() if story == name}

    def groups(self, name: str, load: int = -1) -> set[frozenset[str]]:
        """The record ids of each person of one story after a load."""
        return groups_of(self.story(name, load).items())

    def changes_of(self, name: str) -> list[tuple[str, str, str | None]]:
        """The changes whose person is, or was, in the story."""
        ids = {person for load in self.people for (story, _), person in load.items() if story == name}
        return [change for change in self.changes if change[1] in ids]


def in_story(name: str, row: Record) -> Record:
    """The record with the story's name before its id and its values, so that stories share nothing."""
    pairs = tuple(
        (kind, value if value.startswith(SHARED_BY_ALL) else f"{name}/{value}")
        for kind, value in row.identifiers
    )
    return replace(row, record_id=f"{name}/{row.record_id}", identifiers=pairs)


def tell(identity: IdentityBuild) -> Told:
    """Build load after load."""
    loads = stories()
    people: list[dict[tuple[str, str], str]] = []
    for number in range(max(map(len, loads.values()))):
        identity.build(
            [in_story(name, row) for name, of in loads.items() for row in of[min(number, len(of) - 1)]]
        )
        people.append({_parts(key): person for key, person in identity.people().items()})
    identifiers: dict[str, set[tuple[str, str | None]]] = {}
    for value, status, reason in identity.rows(
        "select identifier_value, status, reason from marts.person_identifiers"
    ):
        identifiers.setdefault(value, set()).add((status, reason))
    return Told(identity, loads, people, identity.aliases(), identity.changes(), identifiers)


def _parts(key: str) -> tuple[str, str]:
    story, _, record_id = key.partition("/")
    return story, record_id


@pytest.fixture(scope="module", params=EACH_ALONE)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Told:
    """The stories, told once on each engine."""
    home = tmp_path_factory.mktemp(f"identity_{request.param}")
    if request.param == "duckdb":
        return tell(IdentityBuild(make_settings(home, "duckdb")))
    database = postgres_server.new_database(f"identity_{uuid.uuid4().hex}")
    return tell(IdentityBuild(make_settings(home, "postgres", database)))


def test_components_are_those_that_networkx_finds(told: Told) -> None:
    shapes = [name for name in told.loads if name.startswith("shape ")]
    assert len(shapes) == 11
    for name in shapes:
        assert told.groups(name) == networkx_groups(told.loads[name][-1]), name


def test_any_order_of_loads_gives_the_same_people(told: Told) -> None:
    whole = networkx_groups(told.loads["random order 1"][-1])
    assert told.groups("random order 1") == told.groups("random order 2") == whole
    assert told.groups("random order 1", 0) != told.groups("random order 2", 0)


def test_an_id_comes_from_the_smallest_record_by_bytes(told: Told) -> None:
    people = told.story("letters", 0)
    assert people == {"Ä": _first_id("a"), "a": _first_id("a"), "Z": _first_id("Z"), "_": _first_id("_")}


def _first_id(record_id: str) -> str:
    key = f"shop|customer|letters/{record_id}|0"
    return "p_" + hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def test_on_a_merge_the_oldest_id_survives_and_the_other_resolves_to_it(told: Told) -> None:
    before = told.story("merge", 1)
    assert set(told.story("merge").values()) == {before["old"]}
    assert told.aliases[before["new"]] == before["old"]
    assert ("merged", before["old"], before["new"]) in told.changes_of("merge")


def test_of_ids_of_one_build_that_of_the_person_seen_first_survives(told: Told) -> None:
    before = told.story("same build", 0)
    assert before["z"] != before["new"]
    assert set(told.story("same build").values()) == {before["z"]}


def test_a_chain_of_merges_resolves_in_one_hop(told: Told) -> None:
    ids = told.story("chain of merges", 2)
    assert len(set(ids.values())) == 3
    assert set(told.story("chain of merges").values()) == {ids["a"]}
    assert told.aliases[ids["b"]] == told.aliases[ids["c"]] == ids["a"]


def test_on_a_split_the_largest_part_keeps_the_id(told: Told) -> None:
    (before,) = set(told.story("split", 0).values())
    after = told.story("split")
    assert {after[f"l{number}"] for number in range(3)} == {before}
    assert after["s0"] == after["s1"] != before
    assert ("split", after["s0"], before) in told.changes_of("split")


def test_an_id_that_was_retired_is_never_issued_again(told: Told) -> None:
    retired = {told.story("retired", load)["a"] for load in (1, 3)}
    assert len(retired) == 2
    assert told.story("retired", 3)["a"] != told.story("retired", 5)["a"]
    assert told.story("retired", 5)["a"] not in retired
    assert not set(told.aliases) & set(told.people[-1].values())
    assert set(told.aliases.values()) <= set(told.people[-1].values())


def test_a_smaller_record_that_arrives_later_changes_no_id(told: Told) -> None:
    assert set(told.story("smaller record").values()) == {told.story("smaller record", 0)["m"]}
    assert [change for change, _, _ in told.changes_of("smaller record")] == ["created"]


def test_a_record_that_comes_back_is_the_same_person(told: Told) -> None:
    assert told.story("comes back") == told.story("comes back", 0)


def test_a_shared_phone_joins_nobody_and_says_why(told: Told) -> None:
    assert told.groups("phone") == {frozenset("a"), frozenset("bc"), frozenset("de")}
    assert told.identifiers["phone/1"] == {("quarantined", "shared: several given names")}
    assert told.identifiers["phone/2"] == {("active", None)}


def test_two_who_share_a_phone_stay_two_with_names_and_without(told: Told) -> None:
    for story in ("couple", "couple without names", "couple of which one is named"):
        assert told.groups(story) == {frozenset("a"), frozenset("b")}, story
    assert told.identifiers["couple without names/home"] == {
        ("quarantined", "shared: several people, not all named")
    }


def test_one_name_with_two_mailboxes_and_one_phone_is_one_person(told: Told) -> None:
    assert told.groups("two mailboxes") == {frozenset("ab")}


def test_a_value_that_turns_out_to_be_shared_is_taken_apart(told: Told) -> None:
    assert told.groups("turns out shared", 0) == {frozenset("ab")}
    assert told.groups("turns out shared") == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_a_tablet_that_two_users_share_joins_neither(told: Told) -> None:
    assert told.groups("tablet of two") == {
        frozenset({"a", "anon-a", "login-a"}),
        frozenset({"b", "anon-b", "login-b"}),
    }
    assert told.identifiers["tablet of two/tablet"] == {("quarantined", "shared: several user ids")}


def test_a_device_of_one_user_joins_its_visits(told: Told) -> None:
    assert told.groups("tablet of one") == {frozenset({"a", "anon-a", "login-a", "anon-2"})}


def test_a_browser_in_which_two_users_log_in_joins_neither(told: Told) -> None:
    assert told.groups("browser of two") == {
        frozenset({"cookie"}),
        frozenset({"a", "cookie+a"}),
        frozenset({"b", "cookie+b"}),
    }


def test_a_mailbox_under_many_names_and_a_blocked_value_join_nobody(told: Told) -> None:
    assert len(told.groups("mailbox")) == 4
    assert len(told.groups("blocked")) == 2
    assert told.identifiers["mailbox/office"] == {("quarantined", "shared: several given names")}
    assert told.identifiers["noreply@acme.example"] == {("quarantined", "blocked: sends only")}


def test_a_full_refresh_changes_no_id_and_forgets_no_change(told: Told) -> None:
    last = [in_story(name, row) for name, of in told.loads.items() for row in of[-1]]
    told.identity.build(last, full_refresh=True)
    assert {_parts(key): person for key, person in told.identity.people().items()} == told.people[-1]
    assert sorted(told.identity.changes(), key=str) == sorted(told.changes, key=str)
    assert told.identity.aliases() == told.aliases


def test_no_working_table_is_left(told: Told) -> None:
    with told.identity.warehouse.connect() as connection:
        assert [table for table in connection.tables("intermediate") if "__" in table] == []


def test_running_out_of_rounds_is_an_error_and_the_former_table_stays(told: Told) -> None:
    table = "select * from intermediate.int_identity_components order by vertex_id"
    before = told.identity.rows(table)
    chain = [in_story("chain", row) for row in told.loads["shape chain"][-1][:200]]
    with pytest.raises(AssertionError, match=r"\d+ edges still join different parts after 1 rounds"):
        told.identity.build(chain, identity_max_rounds=1)
    assert told.identity.rows(table) == before
    test_no_working_table_is_left(told)
