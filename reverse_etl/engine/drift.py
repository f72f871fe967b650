"""What stands at a destination now, against what a sync last left there. It reads, and writes nothing."""

from __future__ import annotations

import time

from reverse_etl.config.load import Sync
from reverse_etl.engine.asking import Asking
from reverse_etl.engine.opening import resolve_secret
from reverse_etl.engine.recover import recover
from reverse_etl.engine.report import Drift, Target
from reverse_etl.engine.running import Progress, Running
from reverse_etl.engine.standing import STATES
from reverse_etl.engine.stopping import Stop, sending
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings
from reverse_etl.state.delivered import Choice, Delivered, read_delivered
from reverse_etl.state.journal import open_journal
from reverse_etl.state.lease import is_leased, sync_lease
from reverse_etl.warehouse import Warehouse

MEANWHILE = "The sync ran meanwhile: what it wrote may be told as edited. Ask again."


def measure_drift(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    target: Target,
    choice: Choice,
    *,
    values: bool = False,
    on_progress: Progress = lambda read, asked: None,
    stop: Stop | None = None,
) -> Drift:
    """Read what the destination holds by the sync. A run that begins meanwhile is not kept from it.

    Args:
        values: keep a few records with what they hold.
        on_progress: called with records answered and asked for.
        stop: ends the reading early; without one, INT and TERM do.

    Raises:
        HeldError: the sync is being run.
        ConfigurationError: the credential is not set, or the destination cannot be opened as it is declared.
    """
    if not target.sandboxed:
        resolve_secret(settings, sync, target)
    with open_journal(settings.home) as journal:
        running = Running(settings, warehouse, journal, sync, target, None, on_progress)
        with sync_lease(settings.home, sync.name, target.label):
            recover(running)
            before = journal.last_run(sync.name, target.label)
        receipts = read_delivered(
            settings.home, warehouse, sync.name, target.label, choice, salt=journal.salt()
        )
        with receipts as delivered, sending(stop) as running.stop:
            drift = _drift(running, delivered, values=values)
        ran = journal.last_run(sync.name, target.label) != before
    if ran or is_leased(settings.home, sync.name, target.label):
        drift.notes.append(MEANWHILE)
    _log(running, drift)
    return drift


def _drift(running: Running, delivered: Delivered, *, values: bool) -> Drift:
    asking = Asking(running, delivered, sampled=values)
    delivery = asking.all()
    if isinstance(delivery.stopped, ConfigurationError):
        raise delivery.stopped
    error, read = delivery.stopped or delivery.failure, asking.states.total()
    return Drift(
        sync=running.sync.name,
        destination=running.target.label,
        held=delivered.held,
        asked=delivered.chosen,
        read=read,
        equal=asking.states["equal"],
        edited=asking.states["edited"],
        gone=asking.states["gone"],
        foreign=asking.states["foreign"],
        unknown=asking.states["unknown"],
        unread=delivered.chosen - read,
        fields=dict(asking.fields.most_common()),
        reasons=dict(asking.reasons.most_common()),
        samples=asking.samples if values else None,
        requests_retried=running.retried,
        paused=running.paused,
        seconds=time.monotonic() - running.clock_start,
        error=f"{error.message} {read:,} of {delivered.chosen:,} were read." if error else None,
    )


def _log(running: Running, drift: Drift) -> None:
    """One line of counts."""
    counts = {name: getattr(drift, name) for name in ("held", "asked", "read", *STATES, "unread")}
    running.log.write(
        "drift",
        **counts,
        fields=drift.fields,
        reasons=drift.reasons,
        requests_retried=drift.requests_retried,
        paused=drift.paused or None,
        seconds=round(drift.seconds, 3),
        error=drift.error,
    )
