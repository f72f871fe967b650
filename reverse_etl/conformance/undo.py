"""A declared undo gives back what was there, and leaves what somebody edited since."""

from __future__ import annotations

from dataclasses import replace

from reverse_etl.conformance.bench import Bench
from reverse_etl.destinations import Record
from reverse_etl.destinations.base import EDITED

AFTER = "another"


def what_was_there_is_told_and_given_back(bench: Bench) -> None:
    """Read before it is overwritten; restored while our value stands."""
    name, was = bench.subject.text, bench.record(0).payload[bench.subject.text]
    id_ = _overwritten(bench)
    bench.send([_back(bench, id_)])
    held = bench.emulator.records()[id_].get(name)
    assert held == was, f"{held!r} was given back"


def an_edited_record_is_left_by_an_undo(bench: Bench) -> None:
    """Whoever edited it meant it."""
    name = bench.subject.text
    id_ = _overwritten(bench)
    edited = bench.record(0, payload={**bench.record(0).payload, name: "edited there"}, destination_id=id_)
    bench.write = {}
    bench.send([edited])
    sent = bench.send([_back(bench, id_)])
    assert sent.skipped == {"key-0": EDITED}, f"skipped: {sent.skipped}"
    assert bench.emulator.records()[id_].get(name) == "edited there", "an edit was undone"


def what_was_cleared_is_told_and_given_back(bench: Bench) -> None:
    """Where a removal empties a record, an undo fills it again."""
    if "clear" not in bench.subject.can.on_removed:
        return
    name, first = bench.subject.text, bench.record(0)
    sent = bench.send([first])
    bench.remember = True
    cleared = bench.send([bench.removal(0, "clear", sent)])
    was = cleared.before.get(first.key, {}).get(name)
    assert was == first.payload[name], "what it held was not told before it was cleared"
    bench.write = dict.fromkeys(first.payload, "ours_until_edited")
    back = bench.record(
        0, operation="restore", payload={name: was}, destination_id=sent.acknowledged[first.key]
    )
    bench.send([replace(back, held={name: frozenset({""})})])
    held = bench.emulator.records()[str(sent.acknowledged[first.key])].get(name)
    assert held == was, f"{held!r} was given back"


def _overwritten(bench: Bench) -> str:
    """A record that was sent, then sent changed; its id."""
    name, first = bench.subject.text, bench.record(0)
    id_ = str(bench.send([first]).acknowledged[first.key])
    bench.remember = True
    changed = bench.record(0, payload={**first.payload, name: AFTER}, destination_id=id_)
    told = bench.send([changed]).before.get(first.key, {})
    assert told.get(name) == first.payload[name], "what it held was not told before it was overwritten"
    return id_


def _back(bench: Bench, id_: str) -> Record:
    """The undoing of the change: every field counts as ours until it was edited."""
    bench.write = dict.fromkeys(bench.record(0).payload, "ours_until_edited")
    name = bench.subject.text
    payload, held = {name: bench.record(0).payload[name]}, {name: frozenset({AFTER})}
    return bench.record(0, operation="restore", payload=payload, destination_id=id_, held=held)


CHECKS = [
    what_was_there_is_told_and_given_back,
    an_edited_record_is_left_by_an_undo,
    what_was_cleared_is_told_and_given_back,
]
