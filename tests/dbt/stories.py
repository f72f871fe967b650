"""Identity's stories: what the sources hold at each load, with nothing in common between two stories."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import networkx as nx

from tests.support.identity import SEEN, Record, record

Loads = Sequence[Sequence[Record]]


def stories() -> dict[str, Loads]:
    """Story → the records of each load; after its last load a story stays as it is."""
    old, new, bridge = (
        record("old", "email:1"),
        record("new", "email:2"),
        record("bridge", "email:1", "email:2"),
    )
    first = record("z", "email:1", seen_at=SEEN - timedelta(days=9))
    a, b, c = (record(name, f"email:{name}") for name in "abc")
    bc, ab = record("bc", "email:b", "email:c"), record("ab", "email:a", "email:b")
    large, small = (
        [record(f"l{i}", "email:1") for i in range(3)],
        [record(f"s{i}", "email:2") for i in range(2)],
    )
    x, y = record("x", "email:1"), record("y", "email:1")
    apart = [x, y, record("a", "email:2")]
    phones = [record(name, "phone:6", name="Ana") for name in "ab"]
    return {
        "merge": ([old], [old, new], [old, new, bridge]),
        "same build": ([first, new], [first, new, bridge]),
        "chain of merges": ([a], [a, b], [a, b, c], [a, b, c, bc], [a, b, c, bc, ab]),
        "split": ([*large, *small, bridge], [*large, *small]),
        "retired": ([x], apart, [*apart, bridge], apart, [*apart, bridge], apart),
        "smaller record": ([record("m", "email:1")], [record("a", "email:1"), record("m", "email:1")]),
        "comes back": ([a, b], [a], [a, b]),
        "turns out shared": (phones, [*phones, record("c", "phone:6", name="Luis")]),
        "random order 1": random_loads(1),
        "random order 2": random_loads(2),
        # In the last load alone: the large graphs need not be built six times.
        **{f"shape {name}": (*[[]] * 5, graph_records(graph)) for name, graph in shapes().items()},
        **quarantine_stories(),
    }


def quarantine_stories() -> dict[str, Loads]:
    """Values that more than one person carries."""
    again = record("anon-2", "anonymous_id:anon-2", "device_id:tablet", record_type="anonymous")
    logins = [record(f"cookie+{u}", "anonymous_id:cookie", f"user_id:{u}", record_type="login") for u in "ab"]
    users = [record(u, f"user_id:{u}", record_type="user") for u in "ab"]
    cookie = record("cookie", "anonymous_id:cookie", record_type="anonymous")
    names = ["Ana", "Luis", "Eva", "Jon"]
    return {
        "phone": (
            [
                record("a", "email:ana", "phone:1", name="Ana"),
                record("b", "email:luis", "phone:1", name="Luis"),
                record("c", "email:luis", name="luis "),
                record("d", "phone:2", name="Eva"),
                record("e", "phone:2", name=" eva"),
            ],
        ),
        "couple": (couple("Ana", "Luis"),),
        "couple without names": (couple(None, None),),
        "couple of which one is named": (couple("Ana", None),),
        "two mailboxes": (couple("Ana", "ana"),),
        "tablet of two": (tablet_records("ab"),),
        "tablet of one": ([*tablet_records("a"), again],),
        "browser of two": ([cookie, *logins, *users],),
        "mailbox": ([record(name, "email:office", name=name) for name in names],),
        "blocked": ([record(name, "email:noreply@acme.example") for name in "xy"],),
        "letters": ([record("Ä", "email:1"), record("a", "email:1"), record("Z"), record("_")],),
    }


def couple(*names: str | None) -> list[Record]:
    """Customers a and b, with an e-mail each, and one phone."""
    return [
        record(key, f"email:{key}", "phone:home", name=name) for key, name in zip("ab", names, strict=True)
    ]


def tablet_records(users: str) -> list[Record]:
    """An app on one tablet, with a fresh anonymous id at each start, where `users` log in in turn."""
    return [
        made
        for user in users
        for made in (
            record(f"anon-{user}", f"anonymous_id:anon-{user}", "device_id:tablet", record_type="anonymous"),
            record(f"login-{user}", f"anonymous_id:anon-{user}", f"user_id:{user}", record_type="login"),
            record(user, f"user_id:{user}", f"email:{user}", record_type="user"),
        )
    ]


def random_loads(seed: int) -> Loads:
    """One random graph, the same for every seed, in three loads of the seed's order."""
    records = graph_records(nx.gnm_random_graph(60, 45, seed=3))
    random.Random(seed).shuffle(records)
    return records[:15], records[:30], records


def shapes() -> dict[str, nx.Graph[int]]:
    """Graphs that are hard on one algorithm or another; the chain's labels are monotone."""
    return {
        **{f"random{seed}": nx.gnm_random_graph(300, 210 + 30 * seed, seed=seed) for seed in range(5)},
        "star": nx.star_graph(500),
        "grid": nx.convert_node_labels_to_integers(nx.grid_2d_graph(25, 25)),
        "chain": nx.path_graph(12_000),
        "cycle": nx.cycle_graph(101),
        "tree": nx.balanced_tree(3, 5),
        "hubs": nx.barbell_graph(40, 30),
    }


def graph_records(graph: nx.Graph[int]) -> list[Record]:
    """A record for each edge, with both ends as identifiers; for a lone vertex a record with one."""
    edges = [
        record(f"{a:06}-{b:06}", f"email:{a:06}", f"email:{b:06}")
        for a, b in sorted(map(sorted, graph.edges))
    ]
    return edges + [record(f"{vertex:06}", f"email:{vertex:06}") for vertex in nx.isolates(graph)]


def networkx_groups(records: Sequence[Record]) -> set[frozenset[str]]:
    """The record ids of each component, by networkx."""
    graph: nx.Graph[tuple[str, str]] = nx.Graph()
    for row in records:
        graph.add_node(("record", row.record_id))
        graph.add_edges_from((("record", row.record_id), pair) for pair in row.identifiers)
    return {
        frozenset(name for kind, name in component if kind == "record")
        for component in nx.connected_components(graph)
    }
