"""Why these records are one person: a shortest path of shared identifiers through the evidence."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from kith.person.find import literal
from reverse_etl.warehouse import Connection

Vertex = tuple[str, str]
EVIDENCE = """
    select
        records.source, records.record_type, records.record_id,
        links.identifier_type, links.identifier_value
    from intermediate.int_identity_links as links
    inner join intermediate.int_person_records as records on links.record_key = records.record_key
    where links.status = 'active' and records.person_id = {person_id}
"""


def explain(connection: Connection, person_id: str) -> list[str]:
    """The path that joins the person's first record to the one farthest from it, in words.

    Returns:
        Alternating records and identifiers; empty for a person of a single record.
    """
    graph = evidence_graph(connection, person_id)
    records = [vertex for vertex in graph if vertex[0] == "record"]
    if len(records) < 2:
        return []
    far = shortest_paths(graph, min(records))
    start = max(far, key=lambda vertex: (len(far[vertex]), vertex))
    paths = shortest_paths(graph, start)
    longest = max(paths.values(), key=lambda path: (len(path), path))
    return [name for _, name in longest]


def evidence_graph(connection: Connection, person_id: str) -> dict[Vertex, set[Vertex]]:
    """The person's records and identifiers, each with those that it is linked to."""
    graph: dict[Vertex, set[Vertex]] = {}
    for source, kind, record, identifier_type, value in connection.execute(
        EVIDENCE.format(person_id=literal(connection, person_id))
    ):
        one = ("record", f"{source} {kind} {record}")
        other = ("identifier", f"{identifier_type} {value}")
        graph.setdefault(one, set()).add(other)
        graph.setdefault(other, set()).add(one)
    return graph


def shortest_paths(graph: dict[Vertex, set[Vertex]], start: Vertex) -> dict[Vertex, list[Vertex]]:
    """Vertex → a shortest path from `start`, for every vertex that it reaches; ties by name."""
    paths = {start: [start]}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for near in _unseen(graph[here], paths):
            paths[near] = [*paths[here], near]
            queue.append(near)
    return paths


def _unseen(candidates: Iterable[Vertex], paths: dict[Vertex, list[Vertex]]) -> list[Vertex]:
    return sorted(vertex for vertex in candidates if vertex not in paths)
