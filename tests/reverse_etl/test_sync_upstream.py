"""A model whose build failed or is long ago holds its syncs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kith.build.record import outcomes, read_nodes
from kith.build.report import NodeResult
from kith.demo.clock import DEMO_NOW, built_at
from reverse_etl.api.plan import plan_sync
from reverse_etl.upstream import record_builds
from tests.reverse_etl.test_sync_guards import approve, assert_held
from tests.reverse_etl.world import SYNC, World

MODEL = "sync_hubspot__contacts"


def later(world: World, **time: float) -> None:
    """Move the clock on."""
    world.settings = replace(world.settings, now=world.settings.now + timedelta(**time))


def node(name: str, status: str, kind: str = "model", schema: str = "activation", *reads: str) -> NodeResult:
    return NodeResult(name, kind, status, "", 0.1, schema, reads)


def test_a_failed_build_holds_the_sync_until_a_good_one(any_world: World) -> None:
    world = any_world
    world.add_people(range(3))
    record_builds(world.settings, [(MODEL, None)])
    world.run()
    later(world, hours=1)
    record_builds(world.settings, [(MODEL, "test unique_profiles")])
    words = (
        f"upstream failed: test unique_profiles in the last build of {MODEL}; what stands is of 2026-11-20T09"
    )
    assert_held(world, words)
    approve(world)
    record_builds(world.settings, [(MODEL, None)])
    assert world.run().planned == 0


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_the_demo_s_models_are_fresh_to_it_and_to_the_commands_after_it_on_any_day(
    world: World, days: int
) -> None:
    demo, day = world.settings, DEMO_NOW + timedelta(days=days)
    demo = replace(demo, now=DEMO_NOW, environment={**demo.environment, "KITH_NOW": day.isoformat()})
    world.add_people(range(3))
    record_builds(demo, [(MODEL, None)], built_at(demo))
    assert plan_sync(demo, "contacts").guard is None
    world.settings = replace(demo, now=day + timedelta(minutes=5))
    assert plan_sync(world.settings, "contacts").guard is None


def test_a_build_of_long_ago_holds_the_sync_and_the_age_is_a_guard(world: World) -> None:
    world.add_people(range(3))
    assert plan_sync(world.settings, "contacts").guard is None  # nobody said when it was built
    record_builds(world.settings, [(MODEL, None)])
    later(world, hours=47)
    assert plan_sync(world.settings, "contacts").guard is None
    later(world, hours=2)
    assert_held(world, "upstream stale", "was built 49 hours ago, guard max_age_hours 48")
    world.write_sync("contacts", SYNC + "guards: {max_age_hours: 72}\n")
    assert plan_sync(world.settings, "contacts").guard is None
    later(world, hours=90)
    world.write_sync("contacts", SYNC + "guards: {max_age_hours: null}\n")
    assert world.run().delivered == 3


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ([node("profiles", "success", "model", "marts"), node(MODEL, "success")], None),
        ([node(MODEL, "error")], f"model {MODEL}"),
        (
            [node("unique_profiles", "fail", "test", "marts", "profiles"), node(MODEL, "skipped")],
            "test unique_profiles",
        ),
        ([node(MODEL, "success"), node("keys", "fail", "test", "activation", MODEL)], "test keys"),
        # What fails beside it is no business of the sync.
        ([node("tickets", "fail", "test", "marts", "tickets"), node(MODEL, "success")], None),
        ([node(MODEL, "success"), node("rows", "warn", "test", "activation", MODEL)], None),
    ],
)
def test_a_build_says_of_each_activation_model_what_failed(nodes: list[NodeResult], why: str | None) -> None:
    assert outcomes(nodes) == [(MODEL, why)]


def test_dbts_own_artifacts_say_the_same(tmp_path: Path) -> None:
    assert read_nodes(tmp_path) == []
    results = [{"unique_id": f"model.kith.{MODEL}", "status": "skipped", "execution_time": 0.1}]
    depends = {"nodes": ["model.kith.profiles", "seed.kith.rates"]}
    known = {"name": MODEL, "resource_type": "model", "schema": "activation", "depends_on": depends}
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {f"model.kith.{MODEL}": known}}))
    assert read_nodes(tmp_path) == [node(MODEL, "skipped", "model", "activation", "profiles")]
