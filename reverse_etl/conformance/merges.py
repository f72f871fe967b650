"""What one record takes in of another is in it, once, under the id that is told."""

from __future__ import annotations

from reverse_etl.conformance.bench import Bench


def what_is_merged_is_one_record_whose_id_is_told(bench: Bench) -> None:
    """The others stay; the same again, as after a run that was cut short, finds it done."""
    sent = bench.send(bench.records(4))
    learned = sent.acknowledged
    survivor = bench.record(0, destination_id=learned["key-0"], absorbs=[("key-1", learned["key-1"])])
    others = {id_: bench.emulator.records()[str(id_)] for id_ in (learned["key-2"], learned["key-3"])}
    for _ in range(2):
        merged = bench.send([survivor])
        bench.assert_delivered([survivor], merged)
        assert merged.absorbed == {"key-0"}, "the outcome does not say that the other is in it"
        there = bench.emulator.records()
        assert {id_: there.get(str(id_)) for id_ in others} == others, "a merge touched other records"
        assert len(there) == 3, f"the account holds {len(there)} records after a merge of two of four"


def a_merge_counts_only_by_a_whole_answer(bench: Bench) -> None:
    """As a write does."""
    learned = bench.send(bench.records(2)).acknowledged
    survivor = bench.record(0, destination_id=learned["key-0"], absorbs=[("key-1", learned["key-1"])])
    for fault in ("html", "truncated", "empty"):
        bench.faults(**{fault: 1.0}, only_writes=True)
        sent = bench.send([survivor], max_attempts=2)
        assert not sent.acknowledged and not sent.absorbed, f"a merge counted by an answer that was {fault}"
    bench.faults()
    bench.assert_delivered([survivor], bench.send([survivor]))


CHECKS = [what_is_merged_is_one_record_whose_id_is_told, a_merge_counts_only_by_a_whole_answer]
