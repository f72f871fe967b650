"""Any sequence of faults, changes of the model, withdrawals and kills, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from tests.conftest import LONG
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.killable import PARTS, Commands, Moment
from tests.reverse_etl.faults.world import FaultWorld

PEOPLE = 12

CHANGES = strategies.lists(
    strategies.tuples(
        strategies.sampled_from(["value", "email", "leave", "withdraw", "grant"]),
        strategies.integers(0, PEOPLE - 1),
    ),
    max_size=4,
)
RATES = {
    name: strategies.sampled_from([0, 0.3]) for name in ("too_many", "error", "reset", "html", "unnamed")
}
STORMS = strategies.fixed_dictionaries({**RATES, "seed": strategies.integers(0, 1000)})
KILLS = strategies.none() | strategies.builds(
    Moment, strategies.sampled_from(list(PARTS)), strategies.integers(1, 400)
)
ROUNDS = strategies.lists(strategies.tuples(CHANGES, STORMS, KILLS), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    """`kith` in processes of their own."""
    with Commands() as running:
        yield running


@pytest.mark.fault(2)
@pytest.mark.build
@settings(
    max_examples=150 if LONG else 2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=list(Phase) if LONG else [Phase.generate],
)
@given(rounds=ROUNDS)
def test_after_any_faults_changes_and_kills_the_destination_is_the_model(
    make_world: Made,
    commands: Commands,
    rounds: list[tuple[list[tuple[str, int]], dict[str, Any], Moment | None]],
) -> None:
    world = make_world(people=PEOPLE, max_attempts=2, backoff_seconds=0.001)
    log = world.settings.home / "spoken.log"
    twice = 0
    for changes, storm, moment in rounds:
        for number, (what, person) in enumerate(changes):
            change(world, what, person, number)
        world.suffer(**storm)
        before = world.sandbox.hubspot.requests
        world.tick()
        commands.run(("sync", "run", "contacts"), world.settings.environment, log, until=moment)
        # Each write that was carried out and not acknowledged may be sent again, and once more when halved.
        twice += PEOPLE * (world.sandbox.hubspot.requests - before)
    world.suffer()
    # What was refused for want of an answer may be sent at once; the last run finds nothing to do.
    world.run()
    world.judge(most_resent=twice)
    world.assert_silent()


def change(world: FaultWorld, what: str, person: int, number: int) -> None:
    """One change of the model or of a consent."""
    key = f"p_{person:05}"
    if what == "value":
        world.set(person, net_revenue=1000 + number)
    elif what == "email":
        address = f"canary{person}.{number}@canary.example"
        world.set(person, email=address)
        world.sql(f"update marts.consents set contact_point = '{address}' where person_id = '{key}'")
    elif what == "leave" and person:
        world.drop(person)
    elif what in ("withdraw", "grant"):
        world.decide(person, "denied" if what == "withdraw" else "granted")
