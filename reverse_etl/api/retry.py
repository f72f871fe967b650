"""Try once more what was refused, without waiting for its next try or for a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reverse_etl.api.definitions import prepare
from reverse_etl.api.run import run_sync
from reverse_etl.engine.release import release
from reverse_etl.engine.report import RunReport
from reverse_etl.engine.running import Gate, Progress
from reverse_etl.engine.stopping import Stop
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


@dataclass(frozen=True)
class Retried:
    """What was tried once more.

    Attributes:
        rejects: those that were made due, parked ones among them.
        run: what the run did; None when there was nothing to try.
    """

    sync: str
    destination: str
    rejects: int
    run: RunReport | None

    @property
    def ok(self) -> bool:
        """True when nothing was rejected and nothing stopped the run."""
        return self.run is None or self.run.ok


def retry_sync(
    settings: Settings,
    name: str,
    *,
    sandbox: bool = False,
    gate: Gate | None = None,
    on_released: Callable[[int], None] = lambda rejects: None,
    on_progress: Progress = lambda sent, planned: None,
    stop: Stop | None = None,
) -> Retried:
    """Make the sync's rejects due, and run it: what else changed is sent, too. Without any, nothing is run.

    Args:
        sandbox, gate, on_progress, stop: as for `run_sync`.
        on_released: called with the number of rejects before anything is sent. They stay due when the run is
            held or fails.

    Raises:
        UsageError, ConfigurationError, HeldError: before anything is sent.
    """
    sync, target = prepare(settings, name, "http://127.0.0.1" if sandbox else None, None)
    rejects = release(settings, open_warehouse(settings), sync, target)
    if not rejects:
        return Retried(name, target.label, 0, None)
    on_released(rejects)
    run = run_sync(settings, name, sandbox=sandbox or None, gate=gate, on_progress=on_progress, stop=stop)
    return Retried(name, target.label, rejects, run)
