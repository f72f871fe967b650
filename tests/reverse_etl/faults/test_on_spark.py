"""Faults 1 to 4 and 12 to 16 on Spark: the same tests, and of some their Spark's own words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reverse_etl.errors import HeldError, KithError, UsageError
from reverse_etl.settings import Settings
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.reverse_etl.faults import test_changes, test_kills, test_models, test_state, test_storms
from tests.reverse_etl.faults.conftest import Made
from tests.reverse_etl.faults.killable import PARTS
from tests.reverse_etl.faults.test_models import BROKEN, MODEL
from tests.reverse_etl.faults.world import FaultWorld

pytestmark = [
    pytest.mark.build,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.long,
]

# Fixtures and tests that are the same here; where they are collected, Spark's worlds are theirs.
world, commands, delivered = test_kills.world, test_kills.commands, test_state.delivered
SAME = {
    test_changes: ("test_of_a_thousand_the_ten_that_changed",),
    test_kills: (
        "test_a_plan_whose_run_was_killed",
        "test_a_run_killed_at_any_moment",
        "test_a_run_killed_when_a_request_has_come",
        "test_of_two_runs_at_once",
        "test_the_lock_of_a_run_that_died",
    ),
    test_models: ("test_a_full_resend", "test_a_withdrawal", "test_consent_withdrawn", "test_who_withdraws"),
    test_state: ("test_a_journal_that_is_gone", "test_lost_tables"),
    test_storms: ("test_a_storm",),
}
for module, starts in SAME.items():
    globals().update({name: test for name, test in vars(module).items() if name.startswith(starts)})


@pytest.fixture
def any_settings(tmp_path: Path) -> Iterator[Settings]:
    """A home of its own, with a Spark server of its own."""
    yield make_settings(tmp_path / "spark", "spark")
    server.leave(tmp_path / "spark" / "spark")


@pytest.fixture(autouse=True)
def one_kill_in_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command takes seconds here, and the many moments are tried on the embedded engine."""
    monkeypatch.setattr(test_kills, "ROUNDS", len(PARTS))


@pytest.fixture
def make_world(make_world: Made, any_settings: Settings) -> Made:
    """Worlds on Spark."""

    def make(settings: Settings | None = None, people: int = 0, **options: Any) -> FaultWorld:
        return make_world(settings or any_settings, people, **options)

    return make


WHOLE = "create or replace table {} using delta options (overwriteSchema 'true') as select {} from {}"
COLUMNS = "person_id, email, given_name, net_revenue, last_order_at, phone"
# What each does to the columns, instead of altering the table.
ALTERED = {
    "a column gone": COLUMNS.replace("given_name, ", ""),
    "a column renamed": COLUMNS.replace("phone", "phone as phones"),
    "another type": COLUMNS.replace("last_order_at", "cast(last_order_at as date) as last_order_at"),
    "another scale": COLUMNS.replace("net_revenue", "cast(net_revenue as decimal(20, 4)) as net_revenue"),
}


@pytest.mark.fault(3)
def test_an_unchanged_second_run_makes_no_request(make_world: Made) -> None:
    world = make_world(people=1_000)
    assert world.run().delivered == 1_000
    world.assert_silent()
    # Nor does one of the same rows in another order, built anew.
    world.sql(
        WHOLE.format("activation.rebuilt", COLUMNS, f"{MODEL} order by net_revenue desc"),
        WHOLE.format(MODEL, COLUMNS, "activation.rebuilt"),
    )
    world.assert_silent()
    assert world.judge().resent == 0


@pytest.mark.fault(12)
def test_a_broken_model_is_refused_before_the_first_request(any_canaries: FaultWorld) -> None:
    world = any_canaries
    world.add_people(range(100))
    world.sql(WHOLE.format("activation.whole", COLUMNS, MODEL))
    world.run()
    kinds: dict[str, type[KithError]] = {"a column gone": UsageError, "a column renamed": UsageError}
    for name, (statement, _, words) in BROKEN.items():
        altered = ALTERED.get(name)
        world.sql(WHOLE.format(MODEL, altered, "activation.whole") if altered else statement)
        world.refused(kinds.get(name, HeldError), words)
        world.sql(WHOLE.format(MODEL, COLUMNS, "activation.whole"))
    world.judge()
    world.assert_silent()
