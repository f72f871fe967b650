"""The syncs that a call is about, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from reverse_etl.config import load_definitions
from reverse_etl.config.load import Definitions, Sync
from reverse_etl.config.problems import nearest, refuse
from reverse_etl.config.validate import check_sync
from reverse_etl.destinations import kinds
from reverse_etl.destinations.limits import effective_limits
from reverse_etl.engine.report import Target
from reverse_etl.errors import UsageError, WarehouseError
from reverse_etl.planner.plan import SANDBOX
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse


def sync_names(settings: Settings) -> list[str]:
    """The names of all syncs, in order.

    Raises:
        UsageError: a file has mistakes, so that "all" is not known.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    return list(definitions.syncs)


def chosen_syncs(definitions: Definitions, names: Sequence[str]) -> list[Sync]:
    """Those of these names, or all of them.

    Raises:
        UsageError: a name that is no sync.
    """
    stems = {problem.path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for problem in definitions.problems}
    for name in names:
        if name not in definitions.syncs and name not in stems:
            raise UsageError(f"There is no sync `{name}`.{nearest(name, definitions.syncs)}")
    return [sync for name, sync in definitions.syncs.items() if not names or name in names]


def prepare(
    settings: Settings, name: str, sandbox_url: str | None, sandbox: Sandbox | None
) -> tuple[Sync, Target]:
    """The sync and where it goes.

    Raises:
        UsageError: its files have mistakes.
    """
    definitions = load_definitions(settings)
    sync = definitions.sync(name, settings)
    refuse(check_sync(sync, definitions))
    config = definitions.destinations[sync.file.destination]
    kind = kinds()[config.kind]
    label = sync.file.destination
    if sandbox_url is not None:
        files = (sandbox.files if sandbox else None) or settings.home / "sandbox" / "files"
        config, label = kind.sandboxed(config, sandbox_url, files), label + SANDBOX
    limits = effective_limits(kind, config)
    if sync.file.batch is not None:
        limits = replace(limits, batch=sync.file.batch)
    can = kind.objects[sync.file.object]
    return sync, Target(label, kind, config, can, sandbox_url is not None, limits)


def own_sandbox(settings: Settings) -> Sandbox:
    """The sandbox of this home: what it was sent is there again the next time."""
    folder = settings.home / "sandbox"
    return Sandbox(folder=folder, files=folder / "files")


def read_warehouse(settings: Settings, stack: ExitStack) -> Connection | None:
    """A read-only connection, or None when there is no warehouse yet."""
    warehouse = open_warehouse(settings)
    try:
        return stack.enter_context(warehouse.connect(read_only=True))
    except WarehouseError:
        if warehouse.engine == "duckdb" and not (settings.home / "warehouse.duckdb").exists():
            return None
        raise
