"""What a destination is opened with: its limits, the fields and their policies, the credential."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from reverse_etl.config import SyncFile
from reverse_etl.config.load import Sync
from reverse_etl.config.secrets import resolve
from reverse_etl.destinations import Opening
from reverse_etl.destinations.base import Write
from reverse_etl.engine.report import Target
from reverse_etl.engine.running import Running
from reverse_etl.planner.question import field_rules
from reverse_etl.settings import Settings


def opening(running: Running, write: dict[str, str] | None = None) -> Opening:
    """For the run's target.

    Args:
        write: field → policy, in place of the sync's own.
    """

    def on_retry(reason: str) -> None:
        running.retried += 1
        running.log.write("retry", run=running.run_id, reason=reason)

    def on_circuit(state: str, pause: float) -> None:
        running.paused += state == "opened"
        running.log.write("circuit", run=running.run_id, state=state, pause=pause or None)

    def on_write(writes: Sequence[Write]) -> None:
        values = [value for write in writes for value in running.held.intended(write)]
        if values:
            running.journal.intend(running.sync.name, running.target.label, values)
        if running.undo:
            running.undo.before([(w.key, w.before) for w in writes if w.before is not None])

    file, target = running.sync.file, running.target
    return Opening(
        sync=running.sync.name,
        object=file.object,
        mode=file.mode,
        config=target.config,
        match=tuple(file.match),
        write=policies(file) if write is None else write,
        fields=tuple(field_rules(file, target.can)),
        secret=resolve_secret(running.settings, running.sync, target),
        home=running.settings.home,
        limits=target.limits,
        account=target.label,
        fingerprint=running.held.fingerprint,
        merges=file.merged == "merge",
        remember=running.undo is not None,
        on_write=on_write,
        on_retry=on_retry,
        on_circuit=on_circuit,
    )


def policies(file: SyncFile) -> dict[str, str]:
    """Field → write policy, for fields that are not always written."""
    return {name: rule.write for name, rule in file.fields.items() if rule.write != "always"}


def resolve_secret(settings: Settings, sync: Sync, target: Target) -> SecretStr | None:
    """The credential, or None for a kind that has none.

    Raises:
        ConfigurationError: it is not set.
    """
    reference = target.config.secret_reference()
    if reference is None:
        return None
    # The sandbox takes any token, and is never given the real one.
    return (
        SecretStr("sandbox-token")
        if target.sandboxed
        else resolve(reference, settings, sync.file.destination)
    )
