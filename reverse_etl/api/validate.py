"""Are the files right?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from reverse_etl.api.definitions import chosen_syncs, read_warehouse
from reverse_etl.api.exposures import check_exposures, exposures_file
from reverse_etl.config import Problem, load_definitions
from reverse_etl.config.columns import check_model
from reverse_etl.config.load import Sync
from reverse_etl.config.validate import check_sync
from reverse_etl.planner.consent import known_pairs, unheard_of
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse


@dataclass(frozen=True)
class Validation:
    """What the files say, and what is wrong with them.

    Attributes:
        checked_against: the warehouse's name, or "dbt_project" when there is no warehouse yet.
        notes: what is no mistake and wants doing.
    """

    syncs: list[str]
    destinations: list[str]
    problems: list[Problem]
    checked_against: str
    notes: list[str] = field(default_factory=list)


def validate_syncs(settings: Settings, names: Sequence[str] = ()) -> Validation:
    """Check the files, and each sync against its destination and its model. No network.

    Raises:
        UsageError: a name that is no sync. Mistakes in files are returned, not raised.
    """
    definitions = load_definitions(settings)
    problems = list(definitions.problems)
    chosen = chosen_syncs(definitions, names)
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        for sync in chosen:
            problems += [*check_sync(sync, definitions), *check_model(sync, settings, connection)]
        notes = _unheard_of(settings, connection, chosen) if connection else []
        against = open_warehouse(settings).name if connection else "dbt_project"
    problems.sort(key=lambda problem: (problem.path, problem.line, problem.message))
    found = [sync.name for sync in chosen]
    notes += _stale_exposures(settings, problems)
    return Validation(found, list(definitions.destinations), problems, against, notes)


def _unheard_of(settings: Settings, connection: Connection, chosen: Sequence[Sync]) -> list[str]:
    """Syncs whose purpose and channel nobody ever decided on."""
    if connection.columns("marts", "consents") is None:
        return []
    found = connection.execute(known_pairs().sql(dialect=open_warehouse(settings).dialect))
    known = {(str(purpose), str(channel)) for purpose, channel in found}
    told = [
        (sync, unheard_of(sync.file, known)) for sync in chosen if sync.file.purpose and sync.file.channel
    ]
    return [f"{sync.name}: {note}" for sync, note in told if note]


def _stale_exposures(settings: Settings, problems: Sequence[Problem]) -> list[str]:
    """A project that keeps exposures wants them to be current."""
    if problems or not exposures_file(settings).is_file():
        return []
    found = check_exposures(settings)
    stale = f"{found.path} does not say what the syncs say. Write it anew: kith sync exposures"
    return [] if found.current else [stale]
