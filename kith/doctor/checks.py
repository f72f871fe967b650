"""Versions, warehouse, sources, rows, loads and credentials: each checked by itself, none stops the next."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith.alerts.config import read_channels
from kith.alerts.store import open_now
from kith.doctor.freshness import Freshness, measure_freshness
from kith.doctor.rows import account, find
from kith.sources import SourceCheck, check_sources
from reverse_etl.config import load_definitions
from reverse_etl.config.secrets import resolve
from reverse_etl.errors import KithError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "dagster", "great-expectations")
# What a target needs beside.
FURTHER = {
    "postgres": ("dbt-postgres", "adbc-driver-postgresql"),
    "spark": ("dbt-spark", "pyspark-client", "pysail"),
}


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        status: ok, note (worth knowing), off, or a word that says what is wrong.
        stops: what cannot run until it is mended: build, sync, or nothing.
    """

    area: str
    subject: str
    status: str
    note: str = ""
    stops: str = ""


def examine(settings: Settings, overrides: Mapping[str, Any] | None = None) -> list[Check]:
    """Everything that a run needs, in the order in which it needs it."""
    parts: tuple[tuple[str, str, Callable[[], Iterator[Check]]], ...] = (
        ("versions", "sync", lambda: _versions(settings)),
        ("warehouse", "build", lambda: _warehouse(settings)),
        ("sources", "build", lambda: _sources(settings, overrides)),
        ("rows", "", lambda: _rows(settings)),
        ("loaded", "", lambda: (_loaded(found) for found in measure_freshness(settings, overrides))),
        ("syncs", "sync", lambda: _syncs(settings)),
        ("alerts", "", lambda: _alerts(settings)),
    )
    return [check for area, stops, part in parts for check in _guarded(area, stops, part)]


def _guarded(area: str, stops: str, part: Callable[[], Iterator[Check]]) -> list[Check]:
    try:
        return list(part())
    except KithError as error:
        return [Check(area, "", "failed", str(error), stops)]


def _versions(settings: Settings) -> Iterator[Check]:
    names = (*PACKAGES, *FURTHER.get(settings.target, ()))
    found = [f"{name} {_version(name)}" for name in names]
    yield Check("versions", f"python {sys.version.split()[0]}", "ok", ", ".join(found))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _warehouse(settings: Settings) -> Iterator[Check]:
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        connection.execute("select 1")
    yield Check("warehouse", warehouse.name, "ok")


def _sources(settings: Settings, overrides: Mapping[str, Any] | None) -> Iterator[Check]:
    for found in check_sources(settings, overrides):
        yield from _source(found)


def _source(found: SourceCheck) -> Iterator[Check]:
    if not found.enabled:
        yield Check("source", found.source, "off")
        return
    for problem in found.problems:
        yield Check("source", found.source, "absent", problem, "build")
    if not found.problems:
        tables = f"{found.tables_present} of {found.tables_declared} tables in schema {found.schema}"
        yield Check("source", found.source, "ok", tables)
    for absence in found.absences:
        yield Check("source", found.source, "note", absence)


def _rows(settings: Settings) -> Iterator[Check]:
    """The accounting of the last build, one line a source; then what was not used, one line a reason."""
    accounts = account(settings)
    if accounts is None:
        yield Check("rows", "", "note", "nothing is built yet: `kith build`")
        return
    for rows in accounts:
        taken = f"{rows.staged} staged + {rows.quarantined} quarantined + {rows.duplicate} duplicate"
        status = f"{rows.unaccounted} unaccounted" if rows.unaccounted else "ok"
        yield Check("rows", rows.source, status, f"{rows.raw} raw = {taken}")
    for found in find(settings):
        yield Check(found.kind, found.subject, "note", f"{found.count} {found.reason}")


def _loaded(found: Freshness) -> Check:
    subject = f"{found.source}.{found.table}"
    if found.loaded_at is None:
        return Check("loaded", subject, "note", "no row says when it was loaded")
    limit = f"late after {found.late_after.total_seconds() / 3600:.0f} hours"
    return Check(
        "loaded", subject, "late" if found.is_late else "ok", f"{found.loaded_at:%Y-%m-%d %H:%M}, {limit}"
    )


def _syncs(settings: Settings) -> Iterator[Check]:
    definitions = load_definitions(settings)
    for problem in definitions.problems:
        yield Check("sync", "", "wrong", str(problem), "sync")
    for name, config in definitions.destinations.items():
        references = [str(value) for key, value in config.model_dump().items() if _is_reference(key, value)]
        for reference in references or [""]:
            yield _credential(name, reference, settings)


def _alerts(settings: Settings) -> Iterator[Check]:
    """The channels, and what the last round of `kith alerts` found."""
    for name, channel in read_channels(settings).items():
        yield Check("alerts", name, "ok", f"channel by {channel.kind}")
    for incident in open_now(settings.home):
        note = f"{incident.problem}; since {incident.since:%Y-%m-%d %H:%M}; {incident.command}"
        yield Check("incident", incident.subject, incident.kind, " ".join(note.split()))


def _credential(name: str, reference: str, settings: Settings) -> Check:
    if not reference:
        return Check("destination", name, "ok", "needs no credential")
    try:
        resolve(reference, settings, name)
    except KithError as error:
        return Check("destination", name, "not set", str(error), "sync")
    return Check("destination", name, "ok", f"credential from {reference}")


def _is_reference(key: str, value: Any) -> bool:
    return key != "base_url" and isinstance(value, str) and value.startswith(("env:", "file:", "keyring:"))
