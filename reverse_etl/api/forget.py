"""What an erasure asks of syncs: that the values which they keep beside the warehouse are gone."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack

from sqlglot import exp

from reverse_etl.api.definitions import read_warehouse
from reverse_etl.config import load_definitions
from reverse_etl.config.declared import MODEL_SCHEMA
from reverse_etl.config.people import PERSON
from reverse_etl.planner.store import forget_records
from reverse_etl.settings import Settings
from reverse_etl.state.undo import forget_undo
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.expressions import column


def forget_people(settings: Settings, people: Collection[str]) -> int:
    """Take these people out of what plans froze and what runs can be undone from; in how many files.

    To be called while the activation models still have their rows, for syncs that have another key. What
    syncs delivered leaves the destinations by their own runs, when the models have the people no more.

    Args:
        people: person ids, those that were merged into them included.
    """
    keys = set(people)
    definitions = load_definitions(settings)
    with ExitStack() as stack:
        connection = read_warehouse(settings, stack)
        for sync in definitions.syncs.values() if connection else ():
            assert connection is not None
            columns = connection.columns(MODEL_SCHEMA, sync.file.model) or {}
            if sync.file.key == PERSON or PERSON not in columns or sync.file.key not in columns:
                continue
            theirs = exp.cast(column(PERSON), "text").isin(*sorted(people))
            model = exp.table_(sync.file.model, db=MODEL_SCHEMA, quoted=True)
            query = exp.select(exp.cast(column(sync.file.key), "text")).from_(model).where(theirs)
            found = connection.execute(query.sql(dialect=open_warehouse(settings).dialect))
            keys |= {str(key) for (key,) in found}
    undo = sorted((settings.home / "undo").glob("*.db"))
    return sum(forget_undo(path, keys) for path in undo) + forget_records(settings.home, keys)
