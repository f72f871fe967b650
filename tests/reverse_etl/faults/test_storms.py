"""Faults 1, 5, 6, 10, 11: refusals and broken answers, one by one and all at once."""

from __future__ import annotations

import pytest

from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.world import FaultWorld


def kinds(world: FaultWorld) -> dict[str, str]:
    """Key → class of what is listed as rejected."""
    return dict(world.told().rejects)


@pytest.mark.fault(1)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_loses_nothing_and_tells_the_truth(make_world: Made, seed: int) -> None:
    world = make_world(people=600, max_attempts=12, concurrency=4)
    world.suffer(
        **{"too_many": 0.1, "error": 0.05, "reset": 0.05, "html": 0.05, "truncated": 0.05, "empty": 0.05},
        unnamed=0.02,
        fail_values={"Canaria17", "Canaria401"},
        leak=True,
        seed=seed,
    )
    report = world.run()
    assert report.requests_retried > 0
    assert (report.delivered, report.rejected, report.deferred) == (598, 2, 0)
    assert kinds(world) == {"p_00017": "record", "p_00401": "record"}
    # Each request that was carried out and then cut sends its hundred again.
    world.judge(most_resent=100 * report.requests_retried)
    world.suffer()
    world.assert_silent()


@pytest.mark.fault(1)
def test_a_storm_that_outlasts_the_retries_is_made_good_by_the_next_run(make_world: Made) -> None:
    world = make_world(people=600, max_attempts=2, concurrency=4)
    world.suffer(error=0.4, reset=0.2, seed=5)
    report = world.run()
    assert report.status in ("interrupted", "stopped")
    assert report.deferred > 0
    world.judge(most_resent=100 * report.requests_retried, settled=False)
    world.suffer()
    world.run()
    world.judge(most_resent=100 * report.requests_retried)
    world.assert_silent()


@pytest.mark.fault(5)
def test_a_batch_refused_whole_is_halved_until_the_culprits_are_alone(make_world: Made) -> None:
    world = make_world(people=150)
    world.suffer(poison_values={"Canaria7", "Canaria63", "Canaria149"})
    report = world.run()
    assert (report.delivered, report.rejected) == (147, 3)
    assert kinds(world) == {"p_00007": "record", "p_00063": "record", "p_00149": "record"}
    world.judge()
    assert world.run().planned == 0


@pytest.mark.fault(6)
@pytest.mark.parametrize("mended", ["by a change", "by time"])
def test_a_record_refused_once_is_accepted_later(canaries: FaultWorld, mended: str) -> None:
    canaries.add_people(range(20))
    canaries.suffer(fail_values={"Canaria3"}, leak=True)
    assert canaries.run().rejected == 1
    canaries.judge()
    canaries.suffer()
    waiting = canaries.run()
    assert (waiting.planned, sum(waiting.held.values())) == (0, 1)
    if mended == "by a change":
        canaries.set(3, net_revenue=17)
    else:
        canaries.sql("update ops.sync_rejects set next_retry_at = timestamp '2026-11-20 08:00:00'")
    assert canaries.run().delivered == 1
    assert kinds(canaries) == {}
    canaries.judge()
    canaries.assert_silent()


@pytest.mark.fault(10)
@pytest.mark.parametrize("outage", [{"error": 1.0}, {"reset": 1.0}, {"too_many": 1.0}])
def test_an_outage_ends_the_run_in_few_requests_and_the_next_one_sends_all(
    make_world: Made, outage: dict[str, float]
) -> None:
    world = make_world(people=500, max_attempts=2, concurrency=1)
    world.suffer(**outage, after=0.0)
    report = world.run()
    assert (report.status, report.delivered, report.deferred) == ("stopped", 0, 500)
    assert world.sandbox.hubspot.requests <= 3 * 2
    world.judge(settled=False)
    world.suffer()
    assert world.run().delivered == 500
    world.judge()
    world.assert_silent()


@pytest.mark.fault(10)
def test_an_outage_in_the_middle_keeps_what_was_delivered(make_world: Made) -> None:
    world = make_world(people=500, max_attempts=2, concurrency=1)
    world.suffer(script=[None] * 4 + ["error"] * 30, after=0.0)
    report = world.run()
    assert 0 < report.delivered < 500
    world.suffer()
    assert world.run().delivered == 500 - report.delivered
    assert world.judge().resent == 0
    world.assert_silent()


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("answer", "carried_out"),
    [("hang", False), ("html", False), ("truncated", True), ("empty", True), ("unnamed", True)],
)
def test_an_answer_that_says_nothing_of_a_record_counts_for_nothing(
    make_world: Made, answer: str, carried_out: bool
) -> None:
    world = make_world(people=30, max_attempts=2, timeout_seconds=0.3)
    world.suffer(**{answer: 1.0}, only_writes=True)
    report = world.run()
    assert report.delivered == 0
    assert report.ok is False
    assert world.told().living == {}
    world.suffer()
    world.run()
    verdict = world.judge(most_resent=120)
    assert (verdict.resent > 0) == carried_out
    world.assert_silent()
