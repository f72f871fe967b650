"""Only what is named is removed, and only when the destination said so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from reverse_etl.conformance.bench import Bench

Removal = Literal["archive", "delete", "clear"]


def only_what_is_named_is_removed(bench: Bench) -> None:
    """The others stay as they are; a second removal of the same is no failure."""
    for operation in _removals(bench):
        records = bench.records(4)
        sent = bench.send(records)
        before = bench.emulator.records()
        for _ in range(2):
            removed = bench.send([bench.removal(1, operation, sent)])
            assert list(removed.acknowledged) == ["key-1"], f"{operation} was not acknowledged"
        gone, after = sent.acknowledged["key-1"], bench.emulator.records()
        others = {id_: fields for id_, fields in before.items() if id_ != gone}
        assert {id_: after.get(id_) for id_ in others} == others, f"{operation} touched other records"
        assert not after.get(str(gone), {}).get(bench.subject.text), f"{operation} left its values there"


def a_removal_without_an_id_touches_nothing(bench: Bench) -> None:
    """What was never learned cannot be named."""
    for operation in _removals(bench):
        sent = bench.send(bench.records(2))
        before = bench.emulator.records()
        stranger = bench.record(7, operation=operation, payload={})
        assert not bench.send([stranger]).stopped, f"{operation} of a stranger stopped the run"
        assert bench.emulator.records() == before, f"{operation} of a stranger touched {sent.acknowledged}"


def a_removal_counts_only_by_a_whole_answer(bench: Bench) -> None:
    """As a write does."""
    for operation in _removals(bench):
        sent = bench.send(bench.records(2))
        for fault in ("html", "truncated", "empty"):
            bench.faults(**{fault: 1.0}, only_writes=True)
            removed = bench.send([bench.removal(0, operation, sent)], max_attempts=2)
            assert not removed.acknowledged, f"{operation} counted by an answer that was {fault}"
        bench.faults()


def _removals(bench: Bench) -> Iterator[Removal]:
    for operation in sorted(bench.subject.can.on_removed - {"leave"}):
        yield cast(Removal, operation)


CHECKS = [
    only_what_is_named_is_removed,
    a_removal_without_an_id_touches_nothing,
    a_removal_counts_only_by_a_whole_answer,
]
