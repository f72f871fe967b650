"""What is wrong with syncs: by the last run to the account, the gate, rejects, and what was noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from sqlglot import exp

from kith.alerts.finding import Finding, Seen
from kith.alerts.store import Incidents
from reverse_etl.api.definitions import read_warehouse
from reverse_etl.api.status import SyncStatus, sync_status
from reverse_etl.config import SyncFile, load_definitions
from reverse_etl.config.problems import refuse
from reverse_etl.engine.stopping import was_asked_for
from reverse_etl.gate.history import TABLE, last_verdict
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, is_null


@dataclass(frozen=True)
class _Tables:
    """Of the warehouse, what status does not tell.

    Attributes:
        parked: (sync, destination) → reason → rejects that wait for a person or a change.
        gates: model → when its gate held it, and for what; where its last verdict did.
    """

    parked: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    gates: dict[str, tuple[datetime, str]] = field(default_factory=dict)


def look_at_syncs(settings: Settings, incidents: Incidents, seen: Seen) -> None:
    """Add what is wrong with each sync at its account.

    Raises:
        UsageError: a file has mistakes.
        WarehouseError: the warehouse is held or out of reach.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    files = {name: sync.file for name, sync in definitions.syncs.items()}
    found, noted = _read(settings, files), incidents.noted("sync")
    for row in sync_status(settings):
        file = files[row.sync]
        if row.destination != file.destination:
            continue
        if _is_undecided(row):
            seen.undecided.add(_subject(row))
            continue
        failed = _failed(row, file, noted.get(row.sync))
        every = (failed, _held(row, file, found), _parked(row, file, found))
        seen.findings += [finding for finding in every if finding]


def _subject(row: SyncStatus) -> str:
    return f"{row.sync} → {row.destination}"


def _is_undecided(row: SyncStatus) -> bool:
    """A run that is under way, or that a person ended, says neither that all is well nor that it is not."""
    run = row.last_run
    return run is not None and (
        run["status"] == "running" or (run["status"] == "stopped" and was_asked_for(run["message"] or ""))
    )


def _failed(row: SyncStatus, file: SyncFile, noted: tuple[str, datetime] | None) -> Finding | None:
    run = row.last_run
    command = f"kith sync run {row.sync}"
    if run is not None and run["status"] in ("stopped", "interrupted"):
        cause = run["failure"] or "cut short"
        problem = run["message"] or cause
        return Finding("failed", _subject(row), problem, command, cause, file.owner, run["started_at"])
    if noted is None:
        return None
    problem, at = noted
    if run is not None and run["started_at"].replace(microsecond=0) > at:
        return None  # it ran since, by whatever command
    return Finding("failed", _subject(row), problem, command, "before it began", file.owner, at)


def _held(row: SyncStatus, file: SyncFile, found: _Tables) -> Finding | None:
    run = row.last_run
    look = f"kith sync plan {row.sync}"
    if run is not None and run["status"] == "held":
        plan = row.held_plan or row.approved_plan
        send = f'kith sync approve {plan} --reason "…"' if row.held_plan else f"kith sync run --plan {plan}"
        command = f"{look}; to send it all the same: {send}" if plan else look
        problem = (run["message"] or "held").removeprefix(f"HELD  {row.sync}  ")
        return Finding("held", _subject(row), problem, command, owner=file.owner, since=run["started_at"])
    if file.model in found.gates:
        at, problem = found.gates[file.model]
        return Finding("held", _subject(row), problem, look, owner=file.owner, since=at)
    return None


def _parked(row: SyncStatus, file: SyncFile, found: _Tables) -> Finding | None:
    reasons = found.parked.get((row.sync, row.destination), {})
    if not reasons:
        return None
    told = ", ".join(f"{reason} {number:,}" for reason, number in sorted(reasons.items()))
    problem = f"rejected and not tried again by itself: {sum(reasons.values()):,} ({told})"
    command = f"kith sync rejects {row.sync}; when it is mended: kith sync retry {row.sync}"
    return Finding("parked", _subject(row), problem, command, owner=file.owner)


def _read(settings: Settings, files: dict[str, SyncFile]) -> _Tables:
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        if connection is None:
            return _Tables()
        return _Tables(_parked_counts(connection), dict(_gates(connection, files)))


def _parked_counts(connection: Connection) -> dict[tuple[str, str], dict[str, int]]:
    if connection.columns(tables.SCHEMA, tables.REJECTS) is None:
        return {}
    names = [column(name) for name in ("sync", "destination", "reason")]
    query = exp.select(*names, "count(*)").from_(tables.table(tables.REJECTS))
    query = query.where(is_null(column("next_retry_at"))).group_by(*names)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for sync, destination, reason, number in connection.execute(query.sql(dialect=connection.dialect)):
        found.setdefault((str(sync), str(destination)), {})[str(reason)] = int(number)
    return found


def _gates(connection: Connection, files: dict[str, SyncFile]) -> Iterator[tuple[str, tuple[datetime, str]]]:
    if connection.columns(*TABLE.split(".")) is None:
        return
    for model in sorted({file.model for file in files.values()}):
        verdict = last_verdict(connection, model)
        if verdict and not verdict.passed:
            yield (
                model,
                (verdict.checked_at, f"the gate holds {model}: {verdict.failed}, rows {verdict.rows:,}"),
            )
