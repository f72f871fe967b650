"""The same job on a laptop's Spark: models, gates and syncs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith.load import load_folder
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.orchestration.test_definitions import CARRIED, RUN, python, told
from tests.path.ragged import TABLES
from tests.support.raw import write_raw

pytestmark = [pytest.mark.build, pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture
def spark_settings(tmp_path: Path) -> Iterator[Settings]:
    """A home of its own, with a Spark server of its own."""
    yield make_settings(tmp_path / "home", "spark")
    server.leave(tmp_path / "home" / "spark")


def test_the_job_walks_the_whole_path_and_a_gate_holds_its_sync_alone(
    spark_settings: Settings, tmp_path: Path
) -> None:
    load_folder(spark_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    first = told(python(spark_settings, RUN, timeout=1200))
    assert (first["broken"], first["failed"]) == ("[]", "[]")
    assert first["syncs"] == "['sync/cart_abandoners', 'sync/hubspot_contacts']"

    with open_warehouse(spark_settings).connect() as connection:
        connection.execute("delete from marts.profiles")
    second = told(python(spark_settings, RUN, *CARRIED, timeout=1200))
    assert second["failed"] == "['gate_hubspot_contacts']"
    assert second["syncs"] == "['sync/cart_abandoners']"
