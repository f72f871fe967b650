"""A mode leaves what it is not for."""

from __future__ import annotations

from reverse_etl.conformance.bench import Bench
from reverse_etl.destinations.base import ABSENT, THERE


def insert_makes_who_is_new_and_leaves_who_is_there(bench: Bench) -> None:
    """Whoever is there already is answered as skipped."""
    name = bench.subject.text
    first = bench.send([bench.record(0)])
    there, new = bench.record(0), bench.record(1)
    bench.mode = "insert"
    changed = bench.record(0, payload={**there.payload, name: "another"})
    sent = bench.send([changed, new])
    assert sent.skipped == {"key-0": THERE}, f"skipped: {sent.skipped}"
    bench.assert_delivered([new], sent)
    bench.assert_delivered([there], first)


def update_writes_who_is_there_and_makes_nobody(bench: Bench) -> None:
    """Whoever is not there is answered as skipped."""
    bench.send([bench.record(0)])
    bench.mode = "update"
    changed = bench.record(0, payload={**bench.record(0).payload, bench.subject.text: "another"})
    sent = bench.send([changed, bench.record(1)])
    assert sent.skipped == {"key-1": ABSENT}, f"skipped: {sent.skipped}"
    bench.assert_delivered([changed], sent)
    assert len(bench.emulator.records()) == 1, "update made a record"


BY_MODE = {
    "insert": insert_makes_who_is_new_and_leaves_who_is_there,
    "update": update_writes_who_is_there_and_makes_nobody,
}
