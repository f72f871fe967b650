"""How many batches are under way: what the rate and the latency ask for, and the account says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from reverse_etl.destinations import Limits, Outcome, Record
from reverse_etl.engine.deliver import deliver
from reverse_etl.engine.in_flight import MOST, InFlight, most_in_flight, slots
from reverse_etl.sandbox import Faults
from tests.reverse_etl.world import World

STATED = Limits(concurrency=4, concurrency_is_stated=True)


def test_slow_answers_take_more_under_way_and_fast_ones_the_kinds_own() -> None:
    in_flight = InFlight(Limits(concurrency=8))
    assert in_flight.size == 8
    for _ in range(100):
        in_flight.answered(2.0, rate=10)
    assert 20 <= in_flight.size <= 26
    for _ in range(200):
        in_flight.answered(0.05, rate=10)
    assert in_flight.size == 8


@pytest.mark.parametrize(("seconds", "rate"), [(3600, 1e9), (30, float("inf")), (60, 1000)])
def test_however_late_answers_are_so_many_are_under_way_at_most(seconds: float, rate: float) -> None:
    in_flight = InFlight(Limits(concurrency=8))
    in_flight.answered(seconds, rate)
    assert in_flight.size == MOST == most_in_flight(Limits(concurrency=8))


def test_what_the_account_says_is_kept_to() -> None:
    in_flight = InFlight(STATED)
    in_flight.answered(60, rate=1000)
    assert in_flight.size == most_in_flight(STATED) == 4


class Slow:
    """A sink that tells of late answers, and counts what is under way."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self.under_way = self.most = 0

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch."""
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.01)
        self._in_flight.answered(2.0, rate=8)
        self.under_way -= 1
        return [Outcome(record.key) for record in records]


@pytest.mark.parametrize(("limits", "most"), [(Limits(concurrency=4), 20), (STATED, 4)])
async def test_batches_leave_as_the_number_grows(limits: Limits, most: int) -> None:
    in_flight = InFlight(limits)
    sink = Slow(in_flight)
    told: list[str] = []

    async def keep(outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        told.extend(record.key for record, _ in outcomes)

    batches = [[Record(str(number), "upsert", None, {})] for number in range(300)]
    await deliver(sink, batches, in_flight, keep)
    assert sorted(told) == sorted(record.key for batch in batches for record in batch)
    assert most <= sink.most <= slots(most)


def test_a_run_hears_how_late_answers_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[float, float]] = []
    monkeypatch.setattr(InFlight, "answered", lambda self, seconds, rate: heard.append((seconds, rate)))
    world.write_destinations(requests_per_second=10)
    world.sandbox.set_faults(Faults(latency=0.2))
    world.add_people(range(50))
    world.run()
    assert heard
    assert min(seconds for seconds, _ in heard) >= 0.2
    assert max(rate for _, rate in heard) <= 10
