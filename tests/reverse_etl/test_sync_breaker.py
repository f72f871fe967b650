"""A destination that fails again and again is left alone, asked once, and taken up again or given up."""

from __future__ import annotations

import asyncio
import json

import pytest

from reverse_etl.api.status import sync_status
from reverse_etl.engine.breaker import FAILURES, PROBES, Breaker
from reverse_etl.engine.retries import RESERVE, RetryBudget
from reverse_etl.errors import LaterError
from reverse_etl.sandbox import Faults
from tests.reverse_etl.world import World


class Told:
    """What a breaker says, and how long it waits."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.slept: list[float] = []
        self.breaker = Breaker("tool", 1.0, lambda state, pause: self.states.append(state), self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def fail(self, times: int = FAILURES) -> None:
        for _ in range(times):
            self.breaker.failed(False)


async def test_it_opens_after_failures_in_a_row_and_lets_one_probe_out_that_closes_it() -> None:
    told = Told()
    told.fail(FAILURES - 1)
    told.breaker.answered(False)
    told.fail(FAILURES - 1)
    assert (await told.breaker.enter(), told.slept) == (False, [])
    told.fail(1)
    waiting = [asyncio.create_task(told.breaker.enter()) for _ in range(5)]
    await asyncio.sleep(0.01)
    (probe,) = [task for task in waiting if task.done()]
    assert (probe.result(), told.slept) == (True, [1.0])
    # An answer to what had left before says nothing of now.
    told.breaker.answered(False)
    assert told.states == ["opened", "half open"]
    told.breaker.answered(True)
    assert [await task for task in waiting].count(False) == 4
    assert told.states == ["opened", "half open", "closed"]


async def test_a_probe_that_fails_opens_it_for_twice_as_long_and_the_last_one_ends_the_run() -> None:
    told = Told()
    told.fail()
    for _ in range(PROBES):
        assert await told.breaker.enter()
        told.breaker.failed(True)
    assert told.slept == [1.0, 2.0, 4.0]
    with pytest.raises(LaterError, match="10 requests in a row failed, and 3 more"):
        await told.breaker.enter()


async def test_a_probe_that_is_given_up_leaves_the_next_one_to_try() -> None:
    told = Told()
    told.fail()
    first = asyncio.create_task(told.breaker.enter())
    await asyncio.sleep(0)
    second = asyncio.create_task(told.breaker.enter())
    first.cancel()
    assert await second


def events(world: World) -> list[dict[str, str]]:
    lines = (world.settings.home / "logs" / "sync.jsonl").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == "circuit"]


def test_a_run_survives_an_outage_by_pausing_and_says_so(world: World) -> None:
    world.write_destinations(concurrency=4, backoff_seconds=0.005, max_attempts=12)
    world.add_people(range(600))
    world.sandbox.set_faults(Faults(script=["error"] * FAILURES, after=0.0))
    report = world.run()
    assert (report.delivered, report.deferred, report.paused) == (600, 0, 1)
    assert [event["state"] for event in events(world)][0::2][:1] == ["opened"]
    assert events(world)[-1]["state"] == "closed"
    (status,) = sync_status(world.settings)
    assert status.last_run is not None
    assert status.last_run["message"] == "Sending paused 1×: the destination failed."


def test_a_destination_that_stays_down_gets_few_requests_and_keeps_the_rows(world: World) -> None:
    world.write_destinations(concurrency=4, backoff_seconds=0.005)
    world.add_people(range(2_000))
    world.sandbox.set_faults(Faults(error=1.0, after=0.0))
    report = world.run()
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, 2_000)
    assert report.error is not None
    assert "requests in a row failed" in report.error
    assert len(world.sandbox.hubspot.moments) <= FAILURES + 4 + PROBES
    assert [event["state"] for event in events(world)] == ["opened", "half open"] * 3
    (status,) = sync_status(world.settings)
    assert status.last_run is not None
    assert "Sending stopped." in status.last_run["message"]
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == 2_000


def test_retries_are_never_the_most_of_what_is_sent(world: World) -> None:
    world.write_destinations(concurrency=4, backoff_seconds=0.001, max_attempts=20)
    world.add_people(range(2_000))
    # Nine of ten fail, never ten in a row.
    world.sandbox.set_faults(Faults(script=(["error"] * 7 + [None]) * 200, after=0.0))
    report = world.run()
    answered = world.sandbox.hubspot.requests - report.requests_retried
    assert report.deferred > 0
    assert report.requests_retried <= RESERVE + answered + 3 * 4
    world.sandbox.set_faults(Faults())
    assert world.run().delivered == report.deferred


def test_a_budget_is_earned_by_answers() -> None:
    budget = RetryBudget()
    assert [budget.spend() for _ in range(61)].count(True) == 60
    budget.earn()
    assert not budget.spend()
    budget.earn()
    assert budget.spend()
