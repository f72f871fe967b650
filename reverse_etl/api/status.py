"""How do the syncs stand?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp

from reverse_etl.api.definitions import chosen_syncs, read_warehouse
from reverse_etl.api.under_way import runs_under_way
from reverse_etl.config import load_definitions
from reverse_etl.config.load import Sync
from reverse_etl.config.problems import refuse
from reverse_etl.planner.store import is_approved
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import open_journal
from reverse_etl.warehouse import Connection, open_warehouse
from reverse_etl.warehouse.expressions import equals


@dataclass(frozen=True)
class SyncStatus:
    """A sync at a glance: its state at one destination and its last run there.

    Attributes:
        delivered_records: records that the destination holds by this sync.
        rejects: reason → records waiting for a change or a next try.
        classes: class → the same records.
        next_try: when the first of them is tried again, UTC; None when all wait for a change.
        last_run: the last row of ops.sync_runs, column → value; None when it never ran. Of a run that is
            `running`, or was cut short, as this machine's journal has it.
        held_plan: the plan that waits for a person's yes; None when the last run was not held, or let go.
        approved_plan: the plan that got it, and was not sent yet.
    """

    sync: str
    destination: str
    model: str
    delivered_records: int
    rejects: dict[str, int]
    last_run: dict[str, Any] | None
    next_try: datetime | None = None
    classes: dict[str, int] = field(default_factory=dict)
    held_plan: str | None = None
    approved_plan: str | None = None


def sync_status(settings: Settings, names: Sequence[str] = ()) -> list[SyncStatus]:
    """Each sync, at each destination that it ran to.

    Raises:
        UsageError: a name that is no sync, or a file with mistakes.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    chosen = chosen_syncs(definitions, names)
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        dialect = open_warehouse(settings).dialect
        if connection is None or tables.RUNS not in connection.tables(tables.SCHEMA):
            return [row for sync in chosen for row in _of_journal(settings, sync)]
        return [row for sync in chosen for row in _status(settings, connection, dialect, sync)]


def _never(sync: Sync) -> SyncStatus:
    return SyncStatus(sync.name, sync.file.destination, sync.file.model, 0, {}, None)


def _of_journal(settings: Settings, sync: Sync) -> list[SyncStatus]:
    """Where the warehouse has heard of no run at all."""
    last = {run["destination"]: run for run in runs_under_way(settings, sync.name)}
    found = [SyncStatus(sync.name, where, sync.file.model, 0, {}, run) for where, run in sorted(last.items())]
    return found or [_never(sync)]


def _status(settings: Settings, connection: Connection, dialect: str, sync: Sync) -> list[SyncStatus]:
    def rows(table: str, *chosen: str) -> exp.Select:
        return exp.select(*chosen).from_(tables.table(table)).where(equals("sync", sync.name))

    def read(query: exp.Select) -> list[tuple[Any, ...]]:
        return connection.execute(query.sql(dialect=dialect))

    # A column of a later version comes with the next run.
    present = connection.columns(tables.SCHEMA, tables.RUNS) or {}
    names = [name for name in tables.TABLES[tables.RUNS] if name in present]
    runs = [
        {**dict.fromkeys(tables.TABLES[tables.RUNS]), **dict(zip(names, row, strict=True))}
        for row in read(rows(tables.RUNS, *names).order_by("started_at", "run_id"))
    ]
    last = _last([*runs, *runs_under_way(settings, sync.name)], _places(settings, sync))
    there = rows(tables.RECORDS, "destination", "count(*)").where("status = 'delivered'")
    delivered = dict(read(there.group_by("destination")))
    counted = rows(tables.REJECTS, "destination", "class", "reason", "count(*)", "min(next_retry_at)")
    rejects: dict[str, dict[str, int]] = {}
    classes: dict[str, Counter[str]] = {}
    tries: dict[str, list[datetime]] = {}
    for where, class_, reason, number, first in read(counted.group_by("destination", "class", "reason")):
        reasons = rejects.setdefault(where, {})
        reasons[reason] = reasons.get(reason, 0) + int(number)
        classes.setdefault(where, Counter())[class_] += int(number)
        tries.setdefault(where, []).extend([first] if first else [])
    return [
        SyncStatus(
            sync.name,
            where,
            sync.file.model,
            int(delivered.get(where, 0)),
            rejects.get(where, {}),
            run,
            min(tries.get(where, []), default=None),
            dict(classes.get(where, {})),
            *_held(settings, run),
        )
        for where, run in sorted(last.items())
    ] or [_never(sync)]


def _places(settings: Settings, sync: Sync) -> dict[str, int]:
    """The order of this machine's runs; none before the first."""
    if not (settings.home / "journal.db").exists():
        return {}
    with open_journal(settings.home) as journal:
        return journal.places(sync.name)


def _last(runs: list[dict[str, Any]], places: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Destination → its last run. The clock decides between machines alone: KITH_NOW may pin it.

    Args:
        runs: by the clock, the last one last.
    """
    last: dict[str, dict[str, Any]] = {}
    for run in runs:
        before = last.get(run["destination"])
        own = places.get(run["run_id"])
        if before is None or own is None or own > places.get(before["run_id"], -1):
            last[run["destination"]] = run
    return last


def _held(settings: Settings, run: dict[str, Any]) -> tuple[str | None, str | None]:
    """The plan of a held run, as one that waits or as one that was approved."""
    plan = run["plan_id"] if run["status"] == "held" else None
    return (None, plan) if plan and is_approved(settings, plan) else (plan, None)
