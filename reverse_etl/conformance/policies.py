"""A declared write policy is kept."""

from __future__ import annotations

from reverse_etl.conformance.bench import Bench


def fill_empty_writes_where_nothing_is_and_nowhere_else(bench: Bench) -> None:
    """By the learned id, and by the key."""
    name = bench.subject.text
    sent = bench.send([bench.record(0)])
    payload, id_ = bench.record(0).payload, sent.acknowledged["key-0"]
    bench.write = {name: "fill_empty"}
    for known in (id_, None):
        bench.send([bench.record(0, payload={**payload, name: "another"}, destination_id=known)])
        held = bench.emulator.records()[str(id_)].get(name)
        assert held == payload[name], "a filled field was overwritten"
    new = bench.record(1)
    bench.assert_delivered([new], bench.send([new]))


CHECKS = [fill_empty_writes_where_nothing_is_and_nowhere_else]
