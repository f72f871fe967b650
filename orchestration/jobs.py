"""When things run."""

from __future__ import annotations

import dagster as dg

whole_path = dg.define_asset_job(
    "whole_path",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Models, gates and syncs, in the order of the data; what a gate holds is not sent.",
)

daily = dg.ScheduleDefinition(job=whole_path, cron_schedule="0 5 * * *", name="daily")
