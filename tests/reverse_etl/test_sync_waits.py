"""Pauses before another attempt, and the session that all attempts share."""

from __future__ import annotations

import random
from statistics import fmean
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverse_etl.engine.waits import LONGEST_PAUSE, jittered_pause
from reverse_etl.sandbox import Faults
from tests.reverse_etl.world import World


@pytest.mark.parametrize(("attempt", "longest"), [(0, 0.5), (1, 1.0), (3, 4.0), (20, LONGEST_PAUSE)])
def test_pauses_are_spread_over_the_whole_of_what_they_may_last(attempt: int, longest: float) -> None:
    random.seed(7)
    pauses = [jittered_pause(0.5, attempt, None) for _ in range(4_000)]
    assert 0 <= min(pauses) < longest * 0.01
    assert longest * 0.99 < max(pauses) <= longest
    assert fmean(pauses) == pytest.approx(longest / 2, rel=0.05)
    quarters = [sum(int(4 * pause / longest) == quarter for pause in pauses) for quarter in range(4)]
    assert all(count == pytest.approx(1_000, rel=0.1) for count in quarters)


@given(st.floats(0, 60), st.integers(0, 30), st.floats(0, 600))
def test_what_the_destination_asks_for_is_the_least(first: float, attempt: int, after: float) -> None:
    assert after <= jittered_pause(first, attempt, after) <= after + LONGEST_PAUSE


def test_a_run_has_one_session_however_often_it_tries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[aiohttp.ClientSession] = []
    begin = aiohttp.ClientSession.__init__

    def counted(self: aiohttp.ClientSession, *args: Any, **options: Any) -> None:
        opened.append(self)
        begin(self, *args, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", counted)
    world.sandbox.set_faults(Faults(error=0.2, reset=0.1))
    world.add_people(range(300))
    report = world.run()
    assert report.requests_retried > 0
    assert len(opened) == 1
    assert opened[0].closed
