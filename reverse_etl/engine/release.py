"""Makes what a destination refused due now. Nothing is sent."""

from __future__ import annotations

from reverse_etl.config.load import Sync
from reverse_etl.engine.recover import recover
from reverse_etl.engine.report import Target
from reverse_etl.engine.running import Running
from reverse_etl.settings import Settings
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.state.release import release_rejects
from reverse_etl.warehouse import Warehouse


def release(settings: Settings, warehouse: Warehouse, sync: Sync, target: Target) -> int:
    """Rejects that the next plan tries, those of a run that was cut short among them.

    Raises:
        HeldError: the sync is being run.
    """
    with sync_lease(settings.home, sync.name, target.label), open_journal(settings.home) as journal:
        running = Running(settings, warehouse, journal, sync, target, None, lambda sent, planned: None)
        recover(running)
        number = release_rejects(warehouse, sync.name, target.label, settings.now)
        running.log.write("released", records=number)
    return number
