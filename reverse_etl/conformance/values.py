"""What arrives is what was sent, however often it is sent."""

from __future__ import annotations

from dataclasses import replace

from reverse_etl.conformance.bench import Bench, Sent
from reverse_etl.destinations import Record

TEXTS = (
    "José Núñez 🧡 李",
    'O\'Brien "the" \\ slash',
    "two\nlines\tand a tab",
    "=cmd|' /C calc'!A0",
    "null",
    "9007199254740993",
    "</script>&amp;%20;,",
    "x" * 1_000_000,
)


def texts_arrive_as_they_are(bench: Bench) -> None:
    """Letters of every script, quotes, newlines, formulas, great numbers, a megabyte."""
    records = [
        bench.record(number, payload={**bench.record(number).payload, bench.subject.text: text})
        for number, text in enumerate(TEXTS)
    ]
    sent = bench.send(records)
    there = bench.emulator.records()
    for record in records:
        id_ = str(sent.acknowledged.get(record.key))
        found, meant = there.get(id_, {}).get(bench.subject.text), record.payload[bench.subject.text]
        assert found == meant, f"{meant[:40]!r} arrived as {str(found)[:40]!r}"


def a_second_send_finds_the_same_records(bench: Bench) -> None:
    """By the learned id; and by the key when the id is not known any more."""
    records = bench.records(4)
    first = bench.send(records)
    bench.assert_delivered(records, first)
    again = [replace(record, destination_id=first.acknowledged[record.key]) for record in records]
    for repeated in (again, records):
        sent = bench.send(repeated)
        bench.assert_delivered(repeated, sent)
        assert sent.acknowledged == first.acknowledged, "the same key went to another record"
    assert len(bench.emulator.records()) == 4, "a record was made twice"


def the_last_value_wins(bench: Bench) -> None:
    """A record that is sent changed holds the change."""
    sent = bench.send([bench.record(0)])
    changed = _changed(bench, sent, {**bench.record(0).payload, bench.subject.text: "another"})
    bench.assert_delivered([changed], bench.send([changed]))


def an_empty_text_clears_and_an_absent_field_is_left_alone(bench: Bench) -> None:
    """Null policies end here: `clear` sends "", `skip` sends nothing."""
    sent, name = bench.send([bench.record(0)]), bench.subject.text
    payload = bench.record(0).payload
    without = {field: text for field, text in payload.items() if field != name}
    bench.send([_changed(bench, sent, without)])
    kept = _held(bench, sent).get(name)
    assert kept == payload[name], f"a field that was not sent became {kept!r}"
    bench.send([_changed(bench, sent, {**payload, name: ""})])
    assert not _held(bench, sent).get(name), "an empty text did not clear the field"


def _changed(bench: Bench, sent: Sent, payload: dict[str, str]) -> Record:
    return bench.record(0, payload=payload, destination_id=sent.acknowledged["key-0"])


def _held(bench: Bench, sent: Sent) -> dict[str, str]:
    return bench.emulator.records()[str(sent.acknowledged["key-0"])]


CHECKS = [
    texts_arrive_as_they_are,
    a_second_send_finds_the_same_records,
    the_last_value_wins,
    an_empty_text_clears_and_an_absent_field_is_left_alone,
]
