"""A record counts as delivered, or as refused, only when an answer says so of it."""

from __future__ import annotations

from reverse_etl.conformance.bench import Bench


def each_record_is_answered_once_with_its_own_id(bench: Bench) -> None:
    """Answers come back out of order; each is told to the record that it is about."""
    records = bench.records(bench.subject.kind.limits.batch + 3)
    sent = bench.send(records)
    bench.assert_delivered(records, sent)
    assert set(sent.outcomes.values()) == {1}, "a record was answered more than once"
    assert len(set(sent.acknowledged.values())) == len(records), "two records got one id"


def a_refused_record_is_told_by_itself_with_a_reason(bench: Bench) -> None:
    """The others of its batch are delivered."""
    records = bench.records(7)
    bad = records[3]
    bench.faults(fail_values={bad.payload[bench.subject.text]})
    sent = bench.send(records)
    assert set(sent.refused) == {bad.key}, f"refused: {sorted(sent.refused)}, and only {bad.key} was"
    assert sent.refused[bad.key].strip(), "a refusal says why"
    assert len(sent.acknowledged) == 6, f"{len(sent.acknowledged)} of the other 6 were delivered"


def a_batch_refused_whole_is_halved_until_the_culprit_is_alone(bench: Bench) -> None:
    """The sink raises BatchRefused; the engine halves."""
    records = bench.records(9)
    bench.faults(poison_values={records[5].payload[bench.subject.text]})
    sent = bench.send(records)
    assert not sent.stopped, f"a batch refused for one record stopped the run: {sent.stopped}"
    assert set(sent.refused) == {records[5].key}, f"refused: {sorted(sent.refused)}"
    assert len(sent.acknowledged) == 8, "the others were not delivered"


def a_record_that_no_answer_names_is_not_delivered(bench: Bench) -> None:
    """Its absence from the answer is no acknowledgement, though the work was done."""
    if not bench.emulator.names_each:
        return
    bench.faults(unnamed=1.0)
    sent = bench.send(bench.records(3))
    assert not sent.acknowledged, f"{len(sent.acknowledged)} counted that no answer named"


CHECKS = [
    each_record_is_answered_once_with_its_own_id,
    a_refused_record_is_told_by_itself_with_a_reason,
    a_batch_refused_whole_is_halved_until_the_culprit_is_alone,
    a_record_that_no_answer_names_is_not_delivered,
]
