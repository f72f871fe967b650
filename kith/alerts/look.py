"""What is wrong now: with syncs, with the last builds, with the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kith.alerts.finding import BUILD, Finding, Seen
from kith.alerts.store import Incidents
from kith.alerts.syncs import look_at_syncs
from kith.doctor.freshness import Freshness, measure_freshness
from reverse_etl.errors import KithError, WarehouseBusy, WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse


def look(settings: Settings, incidents: Incidents) -> Seen:
    """All that is wrong now. What cannot be read is a finding; a warehouse in use is looked at later."""
    seen = Seen()
    parts: dict[str, Callable[[], None]] = {
        "syncs": lambda: look_at_syncs(settings, incidents, seen),
        "builds": lambda: seen.findings.extend(_builds(incidents)),
        "sources": lambda: seen.findings.extend(_sources(settings)),
    }
    unreadable: dict[str, Finding] = {}
    for area, part in parts.items():
        try:
            part()
        except WarehouseBusy:
            continue
        except KithError as error:
            found = _unreadable(settings, error)
            unreadable[found.key] = found
            continue
        seen.looked.add(area)
    if seen.looked == parts.keys():
        seen.looked.add("all")
    seen.findings += unreadable.values()
    return seen


def _unreadable(settings: Settings, error: KithError) -> Finding:
    if isinstance(error, WarehouseError):
        # An engine's own words may quote a row.
        return Finding(
            "unreadable",
            "the warehouse",
            f"{open_warehouse(settings).name} cannot be read",
            "kith doctor",
        )
    return Finding("unreadable", "the project's files", error.message.splitlines()[0], "kith sync validate")


def _builds(incidents: Incidents) -> Iterator[Finding]:
    for name, (problem, at) in incidents.noted("build").items():
        command = "kith build" if name == BUILD else f"kith build --select {name.split()[-1]}"
        yield Finding("build", name, problem, command, since=at)


def _sources(settings: Settings) -> Iterator[Finding]:
    for found in measure_freshness(settings):
        if found.is_late and found.loaded_at is not None:
            yield _stale(found)


def _stale(found: Freshness) -> Finding:
    assert found.loaded_at is not None
    hours = found.late_after.total_seconds() / 3600
    return Finding(
        "stale",
        f"{found.source}.{found.table}",
        f"last loaded {found.loaded_at:%Y-%m-%d %H:%M}, late after {hours:,.0f} hours",
        "kith doctor, then see to the loader",
        since=found.loaded_at + found.late_after,
    )
