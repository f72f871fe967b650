"""When things run."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.syncs import gate_key, sync_key, syncs
from reverse_etl.config import SyncFile
from reverse_etl.config.models import Cron


def crons(files: dict[str, SyncFile]) -> dict[str, str]:
    """Sync → cron, of the syncs that have a schedule of their own."""
    return {name: file.run.cron for name, file in files.items() if isinstance(file.run, Cron)}


def _scheduled(name: str, cron: str) -> dg.ScheduleDefinition:
    """The schedule of one sync, over a job that runs its gate and it, and builds nothing."""
    job = dg.define_asset_job(
        f"sync_{name}",
        selection=dg.AssetSelection.assets(sync_key(name)),
        executor_def=dg.in_process_executor,
        description=f"The sync {name} alone, on the models as they are; held by its gate as ever.",
    )
    return dg.ScheduleDefinition(
        job=job, cron_schedule=cron, name=f"sync_{name}_schedule", execution_timezone="UTC"
    )


_crons = crons(syncs)
_on_their_own = [name for name, file in syncs.items() if file.run != "on_upstream"]
_left_out = dg.AssetSelection.assets(*map(sync_key, _on_their_own)) | dg.AssetSelection.checks(
    *(gate_key(name, syncs[name]) for name in _on_their_own)
)

whole_path = dg.define_asset_job(
    "whole_path",
    selection=dg.AssetSelection.all() - _left_out,
    executor_def=dg.in_process_executor,
    description="Models, and gates and syncs with `run: on_upstream`, in the order of the data; what a gate "
    "holds is not sent.",
)

daily = dg.ScheduleDefinition(job=whole_path, cron_schedule="0 5 * * *", name="daily")
sync_schedules = [_scheduled(name, cron) for name, cron in _crons.items()]
