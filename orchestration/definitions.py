"""What Dagster loads: `dagster dev`. Needs no network and no warehouse."""

from __future__ import annotations

import dagster as dg

from orchestration.alerts import alerts
from orchestration.assets.models import dbt_resource, kith_models
from orchestration.assets.syncs import sync_assets, sync_gates
from orchestration.jobs import daily, sync_schedules, whole_path
from orchestration.project import settings

defs = dg.Definitions(
    assets=[kith_models, *sync_assets],
    asset_checks=sync_gates,
    jobs=[whole_path],
    schedules=[daily, *sync_schedules],
    sensors=[alerts],
    resources={"dbt": dbt_resource(settings())},
)
