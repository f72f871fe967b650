"""The journal into the warehouse: after a run, and before the next one when a run was killed."""

from __future__ import annotations

from reverse_etl.engine.running import Running
from reverse_etl.engine.telemetry import span
from reverse_etl.errors import WarehouseError
from reverse_etl.state.entries import RunRow
from reverse_etl.state.merge import merge_runs


def recover(running: Running) -> None:
    """Whatever the journal holds and the warehouse does not was left by a run that was killed."""
    left = running.journal.unmerged(running.sync.name, running.target.label)
    running.recovered = sum(running.journal.counts(row.run_id)[0] for row in left)
    for row in left:
        if row.status == "running":
            running.journal.update(row.run_id, status="interrupted", finished_at=running.now().isoformat())
    merge_runs(
        running.warehouse, running.journal, running.journal.unmerged(running.sync.name, running.target.label)
    )


def merge(running: Running) -> None:
    """Tell the warehouse what it has not heard.

    Raises:
        WarehouseError: it refused; the journal keeps all.
    """
    rows: list[RunRow] = running.journal.unmerged(running.sync.name, running.target.label)
    try:
        with span("merge"):
            merge_runs(running.warehouse, running.journal, rows)
    except WarehouseError as error:
        raise WarehouseError(
            f"{running.sync.name}: what was sent is in the journal, and not yet in the warehouse. "
            f"{error.message}",
            "Run the sync again: it is merged first, and nothing is sent twice.",
        ) from error
