"""A plan pins the same rows, whether they are joined with it or told by those that it holds back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.planner import pinned, store
from tests.reverse_etl.world import FILE_SYNC, World

TOLD = pinned._told


def joined(*asked: Any) -> tuple[Any, int]:
    """As if the plan told something of every row."""
    told, written = TOLD(*asked)
    return replace(told, said=frozenset(pinned.STATED), same={}), written


def rows(world: World, sync: str) -> list[dict[str, Any]]:
    """What a plan made now would send, by key."""
    plan = plan_sync(world.settings, sync)
    batches = pa.Table.from_batches(store.read_rows(world.settings, plan.plan_id))
    return sorted(batches.to_pylist(), key=lambda row: str(row["record_key"]))


@pytest.mark.parametrize("sync", ["contacts", "people"])
def test_a_first_plan_pins_what_a_join_with_it_would(
    any_world: World, monkeypatch: pytest.MonkeyPatch, sync: str
) -> None:
    any_world.write_sync("people", FILE_SYNC)
    any_world.add_people(range(6))
    any_world.add_people(range(6, 9), consent="denied")
    kinds: list[dict[str, str]] = []

    def noted(*asked: Any, by: Any) -> tuple[Any, int]:
        told, written = by(*asked)
        kinds.append(told.same)
        return told, written

    monkeypatch.setattr(pinned, "_told", partial(noted, by=TOLD))
    alone = rows(any_world, sync)
    monkeypatch.setattr(pinned, "_told", partial(noted, by=joined))
    assert rows(any_world, sync) == alone
    assert len(alone) == 6
    assert kinds == [{"operation": "upsert", "status": "new"}, {}]


def test_a_plan_with_rows_that_are_unchanged_is_joined(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_world.add_people(range(4))
    any_world.run()
    any_world.add_people(range(4, 6))
    any_world.add_people(range(6, 7), consent="denied")
    told: list[tuple[Any, int]] = []

    def noted(*asked: Any) -> tuple[Any, int]:
        told.append(TOLD(*asked))
        return told[-1]

    monkeypatch.setattr(pinned, "_told", noted)
    assert [row["record_key"] for row in rows(any_world, "contacts")] == ["p_00004", "p_00005"]
    assert [(found.same, written) for found, written in told] == [({}, 2)]
