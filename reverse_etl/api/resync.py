"""Send everything anew, once a person says yes to the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reverse_etl.api.definitions import prepare
from reverse_etl.config.problems import nearest
from reverse_etl.engine.resync import resync
from reverse_etl.errors import UsageError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


@dataclass(frozen=True)
class Resync:
    """What was forgotten.

    Attributes:
        records: those that the next plan sends anew; it is held until it is approved.
        fields: those that are ours again, whoever edited them there; empty when none were named.
    """

    sync: str
    destination: str
    records: int
    fields: list[str]


def resync_sync(
    settings: Settings, name: str, fields: Sequence[str] = (), *, sandbox: bool = False
) -> Resync:
    """Forget what the sync's destination acknowledged. No network; nothing is sent.

    Raises:
        UsageError: there is no such sync or field, or the sync's mode sends each record once.
        HeldError: it is being run.
    """
    sync, target = prepare(settings, name, "http://127.0.0.1" if sandbox else None, None)
    if sync.file.mode in ("insert", "event"):
        raise UsageError(
            f"The sync `{name}` is of mode `{sync.file.mode}`, which sends each record once.",
            "Nothing of it is ever sent anew.",
        )
    for field in fields:
        if field not in sync.file.fields:
            known = list(sync.file.fields)
            raise UsageError(f"The sync `{name}` has no field `{field}`.{nearest(field, known)}")
    records = resync(settings, open_warehouse(settings), sync, target, fields)
    return Resync(name, target.label, records, list(fields))
