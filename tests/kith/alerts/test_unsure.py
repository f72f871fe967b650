"""What says nothing of the account begins no incident and ends none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from reverse_etl.api.run import run_sync
from reverse_etl.errors import HeldError
from reverse_etl.sandbox import Faults
from tests.kith.alerts.world import AlertWorld
from tests.support.receivers import Webhook

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_what_is_held_on_its_way_to_the_sandbox_is_no_incident(world: AlertWorld, webhook: Webhook) -> None:
    world.add_people(range(3))
    world.write_sync(
        "contacts", (world.settings.syncs / "contacts.yml").read_text() + "guards: {min_rows: 9}\n"
    )
    with pytest.raises(HeldError, match="rows 3, guard min_rows 9"):
        run_sync(world.settings, "contacts", sandbox=True)
    assert world.alerts().open == []
    assert webhook.asked == 0


def test_a_warehouse_in_use_is_looked_at_by_a_later_round(world: AlertWorld, webhook: Webhook) -> None:
    world.add_people(range(3))
    world.fail()
    world.sandbox.set_faults(Faults())
    world.run()
    file = str(world.settings.home / "warehouse.duckdb")
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    world.settings = replace(world.settings, lock_wait=0)
    assert [one.kind for one in world.alerts().open] == ["failed"]
    held.communicate()
    assert world.alerts().open == []
    assert len(webhook.texts) == 2
