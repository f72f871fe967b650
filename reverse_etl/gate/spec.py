"""What the gate asks of a sync's model, read from the sync's own file."""

from __future__ import annotations

from reverse_etl.config import SyncFile
from reverse_etl.gate.report import GateSpec


def gate_spec(file: SyncFile) -> GateSpec:
    """The key must be there; what the destination matches by must be unique; the volume must hold.

    `guards.min_rows`, `guards.max_shrink` and `guards.share_from` of the sync are the limits.
    """
    shrink = file.guards.max_shrink
    matched = [file.fields[name].from_ for name in file.match if name in file.fields]
    return GateSpec(
        model=file.model,
        not_null=tuple(dict.fromkeys((file.key, *matched))),
        unique=tuple(dict.fromkeys((file.key, *matched))),
        min_rows=file.guards.min_rows,
        max_shrink=1.0 if shrink is None else shrink,
        share_from=file.guards.share_from,
    )
