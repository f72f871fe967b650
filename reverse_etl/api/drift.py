"""How far is a destination from what a sync left there?"""

from __future__ import annotations

from contextlib import ExitStack

from reverse_etl.api.definitions import own_sandbox, prepare
from reverse_etl.config.load import Sync
from reverse_etl.destinations import kinds
from reverse_etl.engine.drift import measure_drift
from reverse_etl.engine.report import Drift, Target
from reverse_etl.engine.running import Progress
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import UsageError
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from reverse_etl.state.delivered import Choice
from reverse_etl.warehouse import open_warehouse


def sync_drift(
    settings: Settings,
    name: str,
    *,
    sandbox: Sandbox | bool | None = None,
    limit: int | None = None,
    sample: int | None = None,
    values: bool = False,
    on_progress: Progress = lambda read, asked: None,
    stop: Stop | None = None,
) -> Drift:
    """Compare what a destination holds with what the sync last left there. Reads; nothing is sent.

    Args:
        sandbox: as for `run_sync`.
        limit: so many records, the first by key; None for all.
        sample: so many, drawn anew by each moment of KITH_NOW or the clock.
        values: give a few records with their keys and what they hold; both are people's.
        on_progress: called with records answered and asked for.
        stop: as for `run_sync`.

    Raises:
        UsageError: the sync's files have mistakes, or what it sends to cannot be read.
        ConfigurationError: the credential is not set, or the account is not as it is declared.
        HeldError: the sync is being run.
    """
    choice = Choice(limit, sample, settings.now.isoformat())
    with ExitStack() as stack:
        # Nothing is served for a sync that cannot be asked.
        _refuse_unreadable(*prepare(settings, name, None, None))
        chosen = stack.enter_context(own_sandbox(settings)) if sandbox is True else sandbox or None
        sync, target = prepare(settings, name, chosen.base_url if chosen else None, chosen)
        return measure_drift(
            settings,
            open_warehouse(settings),
            sync,
            target,
            choice,
            values=values,
            on_progress=on_progress,
            stop=stop,
        )


def _refuse_unreadable(sync: Sync, target: Target) -> None:
    if target.can.read:
        return
    told = [
        f"{kind.name}'s {what}" for kind in kinds().values() for what, can in kind.objects.items() if can.read
    ]
    raise UsageError(
        f"What {target.label} holds by the sync `{sync.name}` cannot be read: {target.kind.name} gives no "
        f"`{sync.file.object}` back.",
        f"Drift is told of {', '.join(told)}.",
    )
