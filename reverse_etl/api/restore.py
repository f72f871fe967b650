"""`kith sync restore`: the warehouse's lost state, brought back from this machine's journal."""

from __future__ import annotations

from dataclasses import dataclass

from reverse_etl.config import load_definitions
from reverse_etl.settings import Settings
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import sync_lease
from reverse_etl.state.merge import merge_runs
from reverse_etl.state.restore import restore_records
from reverse_etl.warehouse import open_warehouse


@dataclass(frozen=True)
class Restored:
    """What came back of a sync at one destination.

    Attributes:
        records: rows inserted into `ops.sync_records`; those that it knew are left as they are.
    """

    sync: str
    destination: str
    records: int


def restore_sync(settings: Settings, name: str) -> list[Restored]:
    """Bring a sync's records back at every destination that the journal knows it at. No network.

    Raises:
        UsageError: there is no such sync, or its file has mistakes.
        HeldError: it is being run.
    """
    load_definitions(settings).sync(name, settings)
    warehouse = open_warehouse(settings)
    found = []
    with open_journal(settings.home) as journal:
        for destination in journal.receipts.destinations_of(name):
            with sync_lease(settings.home, name, destination):
                merge_runs(warehouse, journal, journal.unmerged(name, destination))
                records = restore_records(warehouse, journal, name, destination)
            found.append(Restored(name, destination, records))
    return found
