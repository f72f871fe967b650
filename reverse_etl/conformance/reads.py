"""A declared read tells what is there, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reverse_etl.conformance.bench import Bench, Sent
from reverse_etl.destinations import Record
from reverse_etl.destinations.base import Operation


def what_records_hold_is_told_and_nothing_is_changed(bench: Bench) -> None:
    """Field by field as it is there now, each under its own key."""
    records = bench.records(4)
    sent, name = bench.send(records), bench.subject.text
    changed = bench.record(1, payload={**records[1].payload, name: "edited there"})
    bench.send([replace(changed, destination_id=sent.acknowledged[changed.key])])
    there, applied = bench.emulator.records(), list(bench.emulator.applied)
    told = bench.read(_asked(bench, records, sent))
    assert (bench.emulator.records(), bench.emulator.applied) == (there, applied), "a read changed something"
    for record in records:
        held, fields = there[str(sent.acknowledged[record.key])], told.get(record.key)
        assert fields is not None, f"{record.key} is there, and was not told"
        found = {name: fields.get(name) or "" for name in record.payload}
        assert found == {name: held.get(name, "") for name in record.payload}, f"{record.key} holds {found}"


def who_is_gone_is_told_as_gone(bench: Bench) -> None:
    """And nobody else."""
    removals: tuple[Operation, ...] = ("archive", "delete")
    operation = next((each for each in removals if each in bench.subject.can.on_removed), None)
    if operation is None:
        return
    records = bench.records(3)
    sent = bench.send(records)
    gone = replace(records[1], operation=operation, destination_id=sent.acknowledged["key-1"], payload={})
    bench.send([gone])
    told = bench.read(_asked(bench, records, sent))
    assert told.get("key-1", "not told") is None, "a record that is gone was not told as gone"
    assert told.get("key-0") and told.get("key-2"), "a record that is there was told as gone"


def nothing_is_told_without_a_whole_answer(bench: Bench) -> None:
    """Pages, scraps and silence say of nobody that they are gone."""
    records = bench.records(3)
    asked = _asked(bench, records, bench.send(records))
    for fault in ("html", "truncated", "empty", "error", "reset"):
        bench.faults(**{fault: 1.0})
        told = bench.read(asked, max_attempts=2)
        assert not told, f"{len(told)} records were told by an answer that was {fault}"
    bench.faults()
    assert len(bench.read(asked)) == 3, "not all were told once the answers were whole"


def _asked(bench: Bench, records: Sequence[Record], sent: Sent) -> list[Record]:
    """As the engine asks: by the learned id, with the field that carries the key, and nothing else."""
    name = bench.subject.can.written_key
    return [
        Record(record.key, "keep", sent.acknowledged[record.key], {name: record.key} if name else {})
        for record in records
    ]


CHECKS = [
    what_records_hold_is_told_and_nothing_is_changed,
    who_is_gone_is_told_as_gone,
    nothing_is_told_without_a_whole_answer,
]
