"""Is the model as it should be?"""

from __future__ import annotations

from reverse_etl.config import load_definitions
from reverse_etl.config.problems import refuse
from reverse_etl.config.validate import check_sync
from reverse_etl.engine.running import Gate
from reverse_etl.gate import GateReport, GateSpec, check_gate, gate_spec, look_at_gate, require_gate
from reverse_etl.settings import Settings


def gate_sync(settings: Settings, name: str) -> GateReport:
    """Hold a sync's model against its expectations and the last good run; the verdict is recorded.

    Raises:
        UsageError: the sync's files have mistakes.
        ConfigurationError: the model or a column is absent.
    """
    return check_gate(settings, _gate_spec(settings, name))


def gate_for(settings: Settings, name: str) -> Gate:
    """The gate of a sync, for `run_sync`: raises HeldError when it does not pass.

    Raises:
        UsageError: the sync's files have mistakes.
    """
    spec = _gate_spec(settings, name)

    def gate() -> None:
        require_gate(settings, spec)

    return gate


def gate_reasons(settings: Settings, name: str) -> list[str]:
    """Why the gate would hold a run of the sync now; none when it would not. Nothing is recorded.

    Raises:
        As `gate_sync`.
    """
    return look_at_gate(settings, _gate_spec(settings, name)).reasons


def _gate_spec(settings: Settings, name: str) -> GateSpec:
    definitions = load_definitions(settings)
    sync = definitions.sync(name, settings)
    refuse(check_sync(sync, definitions))
    return gate_spec(sync.file)
