"""The sensor that tells: what it finds is what `kith alerts` finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse
from tests.kith.alerts.world import WEBHOOK
from tests.orchestration.test_definitions import python, told
from tests.support.receivers import Webhook

pytestmark = [pytest.mark.build, pytest.mark.slow]

EVALUATE = """
import dagster as dg
from orchestration.definitions import defs
(sensor,) = defs.sensors
print("status", sensor.name, sensor.default_status.value)
with dg.DagsterInstance.ephemeral() as instance:
    for _ in range(2):
        with dg.build_sensor_context(instance=instance, definitions=defs) as context:
            data = sensor.evaluate_tick(context)
print("skipped", data.skip_message)
"""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """On loopback."""
    with Webhook() as running:
        yield running


def test_the_sensor_is_on_where_channels_are_named_and_tells_once(
    duckdb_settings: Settings, tmp_path: Path, webhook: Webhook
) -> None:
    root = tmp_path / "project"
    left = shutil.ignore_patterns("*.py", "__pycache__")
    for part in ("dbt_project", "reverse_etl"):
        shutil.copytree(PACKAGE_ROOT / part, root / part, ignore=left)
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root)
    environment = {
        **duckdb_settings.environment,
        "KITH_PROJECT": str(root),
        "ALERTS_WEBHOOK": webhook.url,
    }
    settings = replace(duckdb_settings, root=root, environment=environment)
    with open_warehouse(settings).connect() as connection:
        connection.make_table("staging", "base_hubspot__contact", {"loaded_at": "timestamp"})
        connection.execute(
            "insert into staging.base_hubspot__contact values (timestamp '2026-11-01 10:00:00')"
        )
    off = told(python(settings, EVALUATE))
    assert (off["status"], webhook.asked) == ("alerts STOPPED", 0)
    (root / "orchestration").mkdir()
    (root / "orchestration" / "alerts.yml").write_text(WEBHOOK)
    on = told(python(settings, EVALUATE))
    assert (on["status"], on["skipped"]) == ("alerts RUNNING", "1 open.")
    (text,) = webhook.texts
    assert text.startswith("STALE  hubspot.contact")
