"""How fast requests leave: one pace for all who send to an account, as it declares, tells and refuses."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from reverse_etl.engine.limiter import Limiter
from reverse_etl.engine.pace import PaceFile, account_name
from reverse_etl.engine.rates import RateHeaders, Told, read_rates
from reverse_etl.errors import WarehouseError
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.settings import PACKAGE_ROOT
from tests.reverse_etl.asking import PER_SECOND
from tests.reverse_etl.world import World


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def make(folder: Path, clock: Clock, rate: float = 10, *, stated: bool = False) -> Limiter:
    return Limiter(rate, PaceFile(folder / "pace"), stated=stated, clock=clock, sleep=clock.sleep)


def rate_of(limiter: Limiter, clock: Clock, requests: int = 40, warming: int = 15) -> float:
    """Requests a second, once connections are made."""

    async def leave(number: int) -> None:
        for _ in range(number):
            await limiter.wait()

    asyncio.run(leave(warming))
    start = clock.now
    asyncio.run(leave(requests))
    return requests / (clock.now - start)


def test_two_processes_keep_one_limit_and_one_that_is_killed_leaves_it_whole(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.set_faults(Faults(requests_per_second=PER_SECOND, ban_seconds=5))
    words = [sys.executable, "-m", "tests.reverse_etl.asking", str(tmp_path), sandbox.base_url]
    stays, dies = (subprocess.Popen([*words, str(number)], cwd=PACKAGE_ROOT) for number in (25, 400))
    both: list[int] = []

    def watch(number: int) -> None:
        if number == 35 and not both:
            both.append(number)
            os.kill(dies.pid, signal.SIGKILL)

    sandbox.hubspot.watch = watch
    assert stays.wait(60) == 0
    assert dies.wait(60) == -signal.SIGKILL
    moments = sandbox.hubspot.moments
    windows = [sum(start <= moment < start + 1 for moment in moments) for start in moments]
    assert max(windows) <= PER_SECOND
    assert sandbox.hubspot.violations == 0
    # The median, for what else the machine does may delay a few; connections are made before.
    rate = 1 / median(after - before for before, after in pairwise(moments[20:]))
    assert 0.95 * PER_SECOND <= rate <= PER_SECOND


def test_two_syncs_of_an_account_share_its_pace_and_two_accounts_do_not() -> None:
    one = account_name("hubspot", "api.example", "env:TOKEN", "crm")
    assert account_name("hubspot", "api.example", "env:TOKEN", "crm_again") == one
    assert account_name("hubspot", "api.example", "env:OTHER", "crm") != one
    assert account_name("tool", "api.example", None, "a") != account_name("tool", "api.example", None, "b")


def test_a_pause_of_one_sender_holds_the_others(tmp_path: Path) -> None:
    clock = Clock()
    one, other = make(tmp_path, clock), make(tmp_path, clock)
    one.pause(7)
    asyncio.run(other.wait())
    assert clock.now == 1_007


def test_a_429_slows_everyone_and_the_rate_comes_back(tmp_path: Path) -> None:
    clock = Clock()
    one, other = make(tmp_path, clock), make(tmp_path, clock)
    assert rate_of(other, clock) == pytest.approx(9.6, rel=0.01)
    for _ in range(8):
        one.slow_down(0.5)  # answers to requests that were under way at once
    assert rate_of(other, clock, 4, warming=1) == pytest.approx(0.75 * 9.6, rel=0.12)
    clock.now += 10
    assert rate_of(one, clock) == pytest.approx(9.6, rel=0.01)


def test_the_rate_is_what_answers_tell_unless_the_account_says_less(tmp_path: Path) -> None:
    clock = Clock()
    limiter = make(tmp_path, clock)
    limiter.heed(Told(rate=20))
    assert rate_of(limiter, clock) == pytest.approx(19.2, rel=0.01)
    stated = make(tmp_path, clock, 5, stated=True)
    assert rate_of(stated, clock) == pytest.approx(4.8, rel=0.01)
    limiter.heed(Told(rate=2))
    assert rate_of(stated, clock) == pytest.approx(1.92, rel=0.01)


def test_moments_of_an_earlier_start_of_the_machine_hold_nobody(tmp_path: Path) -> None:
    clock = Clock()
    make(tmp_path, clock).pause(900)
    asyncio.run(make(tmp_path, clock).wait())
    assert clock.now == 1_000


def test_a_pace_that_cannot_be_kept_stops_the_sending(tmp_path: Path) -> None:
    (tmp_path / "limits").write_text("a file in the folder's place")
    with pytest.raises(WarehouseError, match="pace of requests cannot be kept"):
        PaceFile(tmp_path / "limits" / "hubspot")


HUBSPOT = RateHeaders("H-Max", "H-Remaining", window_ms="H-Interval")


@pytest.mark.parametrize(
    ("headers", "declared", "told"),
    [
        ({"RateLimit-Policy": '"burst";q=100;w=10', "RateLimit": '"burst";r=70;t=5'}, None, Told(10)),
        ({"RateLimit-Policy": '"burst";q=100;w=10', "RateLimit": '"burst";r=0;t=3'}, None, Told(10, 3)),
        (
            {"RateLimit-Limit": "50, 50;w=5", "RateLimit-Remaining": "9", "RateLimit-Reset": "1"},
            None,
            Told(10),
        ),
        (
            {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4"},
            None,
            Told(None, 4),
        ),
        (
            {"X-RateLimit-Limit": "9", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2000000009"},
            None,
            Told(None, 9),
        ),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "86400"}, None, Told(None, 120)),
        ({"H-Max": "100", "H-Remaining": "80", "H-Interval": "10000"}, HUBSPOT, Told(10)),
        # No end is told: the window rolls, and the pace alone says when the next one is free.
        ({"H-Max": "100", "H-Remaining": "0", "H-Interval": "10000"}, HUBSPOT, Told(10)),
        # Somebody else asks too: what is left is spread over what is left of the window.
        (
            {"RateLimit-Limit": "60;w=60", "RateLimit-Remaining": "6", "RateLimit-Reset": "30"},
            None,
            Told(0.2),
        ),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-"}, None, Told()),
        ({}, None, Told()),
    ],
)
def test_the_usual_headers_and_a_kinds_own_are_read(
    headers: dict[str, str], declared: RateHeaders | None, told: Told
) -> None:
    assert read_rates(headers, declared, now=lambda: 2_000_000_000) == told


def test_an_account_that_tells_its_limit_is_paced_by_it(world: World) -> None:
    world.write_destinations(requests_per_second=None)
    world.sandbox.set_faults(Faults(requests_per_second=40, ban_seconds=1))
    world.add_people(range(2_000))
    world.run()
    moments = world.sandbox.hubspot.moments
    # The kind declares ten a second.
    assert 1 / median(after - before for before, after in pairwise(moments[20:])) > 20
    assert world.sandbox.hubspot.violations == 0
