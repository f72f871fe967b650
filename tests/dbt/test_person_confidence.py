"""Whether exact links alone hold a person's records together, through the real models."""

from __future__ import annotations

import random
from collections import defaultdict

import networkx as nx
import pytest

from reverse_etl.settings import Settings
from tests.support.identity import IdentityBuild, Record, record

pytestmark = pytest.mark.build

EXACT = ("email", "user_id", "loyalty_id")
WEAK = ("phone", "anonymous_id", "card_fingerprint", "no_such_type")

TOLD = [
    record("alone", "phone:+34600100100", "email:alone@example.com"),
    # One address, and a phone beside it.
    record("both_1", "email:both@example.com", "phone:+34600100101", name="Bea"),
    record("both_2", "email:both@example.com", "phone:+34600100101", name="Bea"),
    # Two addresses, and a phone between them.
    record("phone_1", "email:one@example.com", "phone:+34600100102", name="Ana"),
    record("phone_2", "email:two@example.com", "phone:+34600100102", name="Ana"),
    # Each record shares an address with another one, and a phone is between the two pairs.
    record("pairs_1", "email:three@example.com", "phone:+34600100103", name="Eva"),
    record("pairs_2", "email:three@example.com", name="Eva"),
    record("pairs_3", "email:four@example.com", "phone:+34600100103", name="Eva"),
    record("pairs_4", "email:four@example.com", name="Eva"),
    # A chain of a number and an address.
    record("chain_1", "user_id:u1"),
    record("chain_2", "user_id:u1", "email:chain@example.com"),
    record("chain_3", "email:chain@example.com", "anonymous_id:v1"),
    # A visit that a browser alone joins says nothing of who it was.
    record("visit_1", "user_id:u2", "anonymous_id:v2"),
    record("visit_2", "anonymous_id:v2"),
    # Two addresses in one browser.
    record("browser_1", "email:five@example.com", "anonymous_id:v3"),
    record("browser_2", "email:six@example.com", "anonymous_id:v3"),
    # What was paid with a card is somebody's.
    record("card_1", "email:seven@example.com", "card_fingerprint:c1"),
    record("card_2", "card_fingerprint:c1"),
    # Visits alone.
    record("nobody_1", "anonymous_id:v4"),
    record("nobody_2", "anonymous_id:v4"),
]


@pytest.fixture
def identity(any_settings: Settings) -> IdentityBuild:
    return IdentityBuild(any_settings)


def confidence(identity: IdentityBuild) -> dict[str, tuple[str, int]]:
    """Record → its person's confidence, and the parts."""
    rows = identity.rows(
        "select record_id, confidence, exact_parts_count from marts.person_confidence "
        "inner join marts.person_records using (person_id)"
    )
    return {str(key): (str(said), int(parts)) for key, said, parts in rows}


def drawn() -> list[Record]:
    draw, records = random.Random(7), []
    for number in range(400):
        kinds = draw.sample([*EXACT, *WEAK], draw.randint(0, 3))
        words = [f"{kind}:{kind}-{draw.randint(0, 260)}" for kind in kinds]
        records.append(record(f"r{number}", *words, name="Mia"))
    return records


def exact_parts(identity: IdentityBuild) -> dict[str, int]:
    """Person → components of the exact links among the records that say who."""
    people = identity.people()
    telling = {
        key
        for (key,) in identity.rows(
            "select substr(record_key, 15) from intermediate.int_identity_links "
            "where identifier_type <> 'anonymous_id'"
        )
    }
    graph = nx.Graph()
    graph.add_nodes_from(people)
    graph.add_edges_from(
        identity.rows(
            "select substr(record_key, 15), value_key from intermediate.int_identity_links "
            f"where status = 'active' and identifier_type in {EXACT}"
        )
    )
    parts: dict[str, int] = defaultdict(int)
    for component in nx.connected_components(graph):
        for person in {people[node] for node in component & telling if node in people}:
            parts[person] += 1
    return parts


def test_who_hangs_together_by_a_phone_or_a_browser_is_not_exact(identity: IdentityBuild) -> None:
    identity.build([*TOLD, *drawn()], exact_links=True)
    found, people = confidence(identity), identity.people()
    weak = {"phone": 2, "pairs": 2, "browser": 2, "card": 2, "nobody": 0}
    for row in TOLD:
        parts = weak.get(row.record_id.split("_")[0], 1)
        assert found[row.record_id] == ("exact" if parts == 1 else "strict", parts), row.record_id
    expected = exact_parts(identity)
    assert {key: parts for key, (_, parts) in found.items()} == {k: expected[p] for k, p in people.items()}
    assert {said for said, _ in found.values()} == {"exact", "strict"}
    identity.build(TOLD)
    assert confidence(identity) == {}
