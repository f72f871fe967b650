"""What the parts of one run share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reverse_etl.config.load import Sync
from reverse_etl.engine.held import Held, no_policies
from reverse_etl.engine.report import Target
from reverse_etl.engine.runlog import RunLog
from reverse_etl.engine.stopping import Stop
from reverse_etl.settings import Settings
from reverse_etl.state.journal import Journal
from reverse_etl.state.undo import UndoFile
from reverse_etl.warehouse import Warehouse

Gate = Callable[[], None]
Progress = Callable[[int, int], None]


@dataclass
class Running:
    """A run under way.

    Attributes:
        undo: keeps what it can be undone from; None when the sync does not ask for it.
        left: keys that an undo left, for they were edited since.
        held: what the destination holds by this sync in fields with a policy.
        log: what it does, line by line.
        stop: ends it early.
        paused: how often sending was paused, for the destination failed again and again.
    """

    settings: Settings
    warehouse: Warehouse
    journal: Journal
    sync: Sync
    target: Target
    gate: Gate | None
    on_progress: Progress
    run_id: str = ""
    held: Held = field(default_factory=no_policies)
    undo: UndoFile | None = None
    left: list[str] = field(default_factory=list)
    recovered: int = 0
    retried: int = 0
    paused: int = 0
    stop: Stop = field(default_factory=Stop)
    clock_start: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        named = {"sync": self.sync.name, "destination": self.target.label}
        self.log = RunLog(self.settings.home, self.now, **named)

    def now(self) -> datetime:
        """The settings' clock, moved on by the time that the run takes."""
        return self.settings.now + timedelta(seconds=time.monotonic() - self.clock_start)
