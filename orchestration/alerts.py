"""Looks every few minutes at what is wrong, whoever ran it, and tells it once."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from kith.alerts.config import alerts_file
from kith.alerts.round import alert_round
from orchestration.project import settings
from reverse_etl.errors import HeldError

SECONDS = 300
# A build may hold the warehouse for long: the next round looks again.
PATIENCE = 5.0
_status = (
    dg.DefaultSensorStatus.RUNNING if alerts_file(settings()).is_file() else dg.DefaultSensorStatus.STOPPED
)


@dg.sensor(name="alerts", minimum_interval_seconds=SECONDS, default_status=_status)
def alerts() -> dg.SkipReason:
    """One alert an incident, and its end; on where orchestration/alerts.yml names channels."""
    found = settings()
    try:
        done = alert_round(replace(found, lock_wait=min(found.lock_wait, PATIENCE)))
    except HeldError as error:
        return dg.SkipReason(str(error))
    problems = "; ".join(told.error for told in done.told if told.error)
    if problems:
        raise dg.Failure(problems)
    return dg.SkipReason(f"{len(done.open):,} open.")
