"""Forgets what a sync acknowledged. Nothing is sent; the next plan announces what it would send."""

from __future__ import annotations

from collections.abc import Sequence

from reverse_etl.config.load import Sync
from reverse_etl.engine.record import begin
from reverse_etl.engine.recover import merge, recover
from reverse_etl.engine.report import Target
from reverse_etl.engine.running import Running
from reverse_etl.settings import Settings
from reverse_etl.state.forget import forget_acknowledged
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.warehouse import Warehouse


def resync(
    settings: Settings, warehouse: Warehouse, sync: Sync, target: Target, fields: Sequence[str]
) -> int:
    """Records that the next plan sends anew. It stands in ops.sync_runs, and plans made before are outdated.

    Raises:
        HeldError: the sync is being run.
    """
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = Running(settings, warehouse, journal, sync, target, None, lambda sent, planned: None)
        recover(running)
        number = forget_acknowledged(warehouse, sync.name, target.label, fields)
        what = f"fields {', '.join(fields)}" if fields else "all fields"
        words = f"{number:,} records to compare anew, {what}"
        begin(running, None, planned=0, status="resync", message=words)
        journal.update(running.run_id, finished_at=running.now().isoformat())
        merge(running)
    return number
