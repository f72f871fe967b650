"""A file is written whole, unchanged rows too, and without those who withdrew since the plan."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.status import sync_status
from tests.reverse_etl.faults.killable import Commands, Moment
from tests.reverse_etl.world import FILE_SYNC, World

PEOPLE = 21_000


def people_in(path: Path) -> set[str]:
    return {row["person_id"] for row in csv.DictReader(path.read_text().splitlines())}


@pytest.fixture
def file(any_world: World) -> Path:
    """Four people, delivered."""
    any_world.write_sync("people", FILE_SYNC)
    any_world.add_people(range(4))
    return Path(str(any_world.run("people").location))


@pytest.mark.parametrize("is_gone", [True, False])
def test_who_withdraws_after_a_plan_of_nothing_is_not_in_the_file(
    any_world: World, file: Path, is_gone: bool
) -> None:
    plan = plan_sync(any_world.settings, "people")
    assert (plan.planned, plan.unchanged) == (0, 4)
    any_world.decide(2, "withdrawn")
    if is_gone:
        file.unlink()
    any_world.run("people", plan_id=plan.plan_id)
    assert people_in(file) == {"p_00000", "p_00001", "p_00003"}
    assert any_world.run("people").removed == 1
    assert any_world.run("people").planned == 0


def test_a_plan_that_is_resumed_writes_the_file_whole(world: World, tmp_path: Path) -> None:
    world.write_sync("people", FILE_SYNC)
    # More than are acknowledged at a time.
    world.sql(
        "insert into activation.sync_hubspot__contacts "
        f"select 'p_' || n, n || '@example.com', 'Given', n, null from range({PEOPLE}) as many(n)",
        "insert into marts.consents select person_id, 'marketing', 'email', 'email', email, 'granted' "
        "from activation.sync_hubspot__contacts",
    )
    file = world.settings.home / "out" / "people.csv"
    environment, log = world.process_environment(), tmp_path / "said.log"

    def planned() -> list[str]:
        world.sql("update activation.sync_hubspot__contacts set net_revenue = net_revenue + 1")
        return ["sync", "run", "people", "--plan", plan_sync(world.settings, "people").plan_id]

    with Commands() as commands:
        most = commands.run(planned(), environment, log).calls["journal"]
        command = planned()
        until = Moment("journal", most * 3 // 7)  # between the first answer that is kept and the last
        assert commands.run(command, environment, log, until=until).code == -9
        (status,) = sync_status(world.settings, ["people"])
        assert status.last_run is not None
        assert 0 < status.last_run["delivered"] < PEOPLE
        assert commands.run(command, environment, log).code == 0
    assert len(people_in(file)) == PEOPLE
