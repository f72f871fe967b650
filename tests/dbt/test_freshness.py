"""Every source says when it is late; what is absent is not late; both by Kith's one clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from kith.build.invocation import dbt_arguments, dbt_environment, process_environment
from kith.build.run import release_warehouse
from kith.load import load_folder
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.support.raw import write_raw
from tests.support.sources import only

STAGING = PACKAGE_ROOT / "dbt_project" / "models" / "staging"
LOADED = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = {
    "shopify/order.csv": "id,total_price,_fivetran_synced\n1,1,2026-01-01\n2,1,2026-03-01T13:00:00+01:00\n",
    "zendesk/ticket.csv": "id,requester_id,status,created_at,_dlt_load_id\n1,2,new,2026-01-01,1772366400.5\n",
    "segment/pages.csv": "id,user_id,timestamp\n1,u,2026-01-01\n",
    "segment/tracks.csv": "id,event,user_id,timestamp,received_at\n",
}


def freshness(settings: Settings, now: datetime) -> Mapping[str, str]:
    """source.table → dbt's word, at a time."""
    from dbt.cli.main import dbtRunner

    settings = replace(settings, now=now)
    variables = only("segment", "shopify", "zendesk", zendesk={"loader": "dlt"})
    arguments = dbt_arguments(settings, ["--quiet", "source", "freshness"], variables)
    with process_environment(dbt_environment(settings)):
        outcome = dbtRunner().invoke(arguments)
    release_warehouse()
    assert outcome.exception is None
    return {
        f"{row.node.source_name}.{row.node.name}": str(row.status)
        for row in outcome.result.results
        if row.node.resource_type == "source"
    }


@pytest.mark.build
def test_a_table_is_late_by_its_loader_s_time_and_one_that_is_absent_never(
    source_settings: Settings, tmp_path: Path
) -> None:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    told = freshness(source_settings, LOADED + timedelta(hours=35))
    assert told == {
        "shopify.order": "pass",
        "zendesk.ticket": "pass",
        "segment.pages": "pass",  # nothing in it says when it was loaded
        "segment.tracks": "warn",  # never was a row in it
        "segment.screens": "pass",  # absent
    }
    late = freshness(source_settings, LOADED + timedelta(hours=37))
    assert (late["shopify.order"], late["zendesk.ticket"]) == ("warn", "pass")
    assert freshness(source_settings, LOADED + timedelta(hours=73))["zendesk.ticket"] == "warn"


@pytest.mark.parametrize("file", sorted(STAGING.glob("*/_*__sources.yml")), ids=lambda file: file.parent.name)
def test_each_source_declares_when_it_is_late(file: Path) -> None:
    (source,) = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    assert source["config"]["loaded_at_query"] == "{{ kith.latest_load(model) }}"
    watched = [table["name"] for table in source["tables"] if table["config"].get("freshness")]
    assert watched
