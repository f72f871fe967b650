"""Faults 7 and 8: limits by the second and by the day."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest

from tests.reverse_etl.faults.conftest import Made

PER_SECOND = 10


@pytest.mark.fault(7)
def test_requests_come_at_nearly_the_rate_that_is_allowed_and_never_above(make_world: Made) -> None:
    world = make_world(people=1_800, requests_per_second=PER_SECOND)
    world.suffer(requests_per_second=PER_SECOND, ban_seconds=5)
    world.run()
    moments = world.sandbox.hubspot.moments
    assert len(moments) >= 30
    # The median, for what else the machine does may delay a few.
    rate = 1 / median(after - before for before, after in pairwise(moments))
    assert 0.95 * PER_SECOND <= rate <= PER_SECOND
    assert world.judge().violations == 0


@pytest.mark.fault(7)
@pytest.mark.parametrize(
    "told",
    [{"retry_after": 0.6}, {"retry_after": 1.5, "as_date": True}, {}],
    ids=["in seconds", "as a date", "missing"],
)
def test_a_429_makes_every_request_wait_as_long_as_it_says(make_world: Made, told: dict[str, float]) -> None:
    world = make_world(people=500, concurrency=4, backoff_seconds=0.3)
    world.suffer(script=[None, None, "too_many"], **told)
    assert world.run().delivered == 500
    moments = world.sandbox.hubspot.moments
    # What was under way when the answer came may still arrive.
    longest = max(after - before for before, after in pairwise(moments[2:]))
    # A date counts in whole seconds.
    assert longest >= {0.6: 0.55, 1.5: 0.45}.get(told.get("retry_after", 0), 0.25)
    world.judge()


@pytest.mark.fault(8)
@pytest.mark.parametrize("said", ["by its policy", "by a long Retry-After"])
def test_a_quota_used_up_stops_the_run_which_resumes_where_it_was(make_world: Made, said: str) -> None:
    world = make_world(people=1_000, concurrency=2)
    if said == "by its policy":
        world.suffer(daily_quota=7, leak=True)
    else:
        world.suffer(script=[None] * 7 + ["too_many"] * 9, retry_after=40_000)
    report = world.run()
    assert report.status == "stopped"
    assert 0 < report.delivered < 1_000
    assert report.error is not None
    assert ("quota is used up" if said == "by its policy" else "asks to wait 40,000 s") in report.error
    assert world.sandbox.hubspot.requests <= 7 + 2
    world.judge(settled=False)
    plan = world.settings.home / "plans" / report.plan_id
    assert list(plan.glob("changes-*.arrow"))
    world.suffer()
    assert world.run(plan_id=report.plan_id).delivered == 1_000 - report.delivered
    assert world.judge().resent == 0
    world.assert_silent()
