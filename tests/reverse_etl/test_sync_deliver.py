"""Batches on their way: whatever an answer does, a record is under way once, and told once at most."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from reverse_etl.destinations import Limits, Outcome, Record
from reverse_etl.destinations.base import BatchRefused
from reverse_etl.engine.deliver import deliver
from reverse_etl.engine.in_flight import InFlight, slots
from reverse_etl.errors import RetriableError

RECORDS, BATCH, CONCURRENCY = 2_000, 20, 16
LIMITS = Limits(concurrency=CONCURRENCY, concurrency_is_stated=True)


class Moody:
    """A sink that refuses batches, leaves records out, names strangers and fails, by seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.under_way: Counter[str] = Counter()
        self.twice: list[str] = []
        self.batches = self.most = 0

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch."""
        keys = [record.key for record in records]
        self.under_way.update(keys)
        self.batches += 1
        self.most = max(self.most, self.batches)
        self.twice += [key for key in keys if self.under_way[key] > 1]
        await asyncio.sleep(self._random.random() / 500)
        self.under_way.subtract(keys)
        self.batches -= 1
        mood = self._random.random()
        if mood < 0.2:
            raise BatchRefused("REFUSED")
        if mood < 0.22:
            raise RetriableError("status 503")
        named = [key for key in keys if self._random.random() < 0.9]
        return [Outcome(key) for key in [*named, "a stranger"]]


@pytest.mark.parametrize("seed", range(5))
async def test_no_record_is_under_way_twice_and_each_is_told_once(seed: int) -> None:
    sink, told = Moody(seed), Counter[str]()

    async def keep(outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        await asyncio.sleep(0)
        told.update(record.key for record, _ in outcomes)

    records = [Record(f"key-{number}", "upsert", None, {}) for number in range(RECORDS)]
    batches = [records[start : start + BATCH] for start in range(0, RECORDS, BATCH)]
    delivery = await deliver(sink, batches, InFlight(LIMITS), keep)
    assert sink.twice == []
    assert set(told.values()) == {1}
    assert told.keys() <= {record.key for record in records}
    assert 1 < sink.most <= slots(CONCURRENCY)
    left = RECORDS - len(told)
    assert left >= delivery.given_up
    if delivery.stopped is None:
        assert left == delivery.given_up
