"""Runs that the journal knows and the warehouse has not heard of: under way, or cut short."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.entries import RunRow
from reverse_etl.state.journal import Journal, open_journal
from reverse_etl.state.lease import is_leased

CUT_SHORT = "It was cut short. What it delivered is in the journal, and the next run counts it in."


def runs_under_way(settings: Settings, sync: str) -> list[dict[str, Any]]:
    """The sync's, oldest first, as rows of ops.sync_runs: `running`, or `interrupted` if its process died."""
    if not (settings.home / "journal.db").exists():
        return []
    with open_journal(settings.home) as journal:
        return [_row(settings, journal, run) for run in journal.unheard(sync)]


def _row(settings: Settings, journal: Journal, run: RunRow) -> dict[str, Any]:
    delivered, rejected = journal.counts(run.run_id)
    facts = {
        **asdict(run),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at) if run.finished_at else None,
        "delivered": delivered,
        "rejected": rejected,
        "deferred": run.planned - delivered - rejected,
    }
    if run.status == "running" and not is_leased(settings.home, run.sync, run.destination):
        facts |= {"status": "interrupted", "message": CUT_SHORT}
    return {name: facts[name] for name in tables.TABLES[tables.RUNS]}


def _moment(text: str) -> datetime:
    """UTC without its zone, as the warehouse has it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
