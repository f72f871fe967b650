"""The plan that takes a run back: what it created is archived, what it changed gets its values back."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config.load import Sync
from reverse_etl.planner import store
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.refused import refused_since
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.entries import RunRow
from reverse_etl.state.undo import Done
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals

_TEXTS = (
    *("record_key", "operation", "person_id", "contact_point", "destination_id", "digest"),
    *("field_digests", "payload", "fingerprints", "prior_fields", "retaken", "replaces", "former"),
    "survivor",
)
_SCHEMA = pa.schema([*[(name, pa.string()) for name in _TEXTS], ("mark", pa.int64())])
REFUSED = "may not be written to any more"
OVERTAKEN = "written again by a later run"
PARTED = "merged into another by the run: a merge cannot be taken back there"
DELETED = "deleted by the run: nothing brings them back"
UNREAD = "their values before are not known"


def make_undo_plan(
    settings: Settings,
    warehouse: Warehouse,
    run: RunRow,
    sync: Sync,
    done: Iterable[Done],
    *,
    after_run: int,
    recycled: str | None,
) -> Plan:
    """Plan the reversal of a run and keep it in KITH_HOME/plans. No network.

    Args:
        done: what the run did, record by record.
        recycled: how what was archived comes back by hand, in words; None when it does not.
        after_run: the journal's last run of the sync.
    """
    counts: Counter[str] = Counter()
    still = _untouched_since(warehouse, run)
    plan_id = f"{settings.now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}"
    records = list(done)
    refused = refused_since(settings, warehouse, sync, [record for record in records if record.before])
    archived = _archived(recycled)
    rows = list(_rows(records, still, refused, archived, counts))
    held = {
        why: counts[why] for why in (archived, DELETED, PARTED, OVERTAKEN, UNREAD, REFUSED) if counts[why]
    }
    plan = Plan(
        plan_id=plan_id,
        sync=run.sync,
        destination=run.destination,
        model=sync.file.model,
        read_at=f"{settings.now:%Y-%m-%dT%H:%M:%SZ}",
        mapping=run.mapping or "",
        rows=run.model_rows,
        changed=counts["restore"],
        removed=counts["uncreate"],
        held=held,
        after_run=after_run,
        kind="undo",
        undoes=run.run_id,
    )
    store.write_plan(settings, plan_id, lambda: asdict(plan), _batches(rows))
    return plan


def _untouched_since(warehouse: Warehouse, run: RunRow) -> set[str]:
    """Keys that no later run of the sync wrote."""
    with warehouse.connect() as connection:
        query = (
            exp.select(column("record_key"))
            .from_(tables.table(tables.RECORDS))
            .where(equals("sync", run.sync))
            .where(equals("destination", run.destination))
            .where(equals("run_id", run.run_id))
        )
        return {str(key) for (key,) in connection.execute(query.sql(dialect=warehouse.dialect))}


def _archived(recycled: str | None) -> str:
    """Why what the run archived stays so."""
    by_hand = f", or {recycled}" if recycled else ""
    return f"archived by the run: they come back when the model has them again{by_hand}"


def _rows(
    done: Iterable[Done], still: Set[str], refused: Set[str], archived: str, counts: Counter[str]
) -> Iterator[dict[str, Any]]:
    for record in done:
        if record.record_key not in still:
            counts[OVERTAKEN] += 1
        elif record.operation == "merge":
            counts[PARTED] += 1
        elif record.operation == "delete":
            counts[DELETED] += 1
        elif record.operation not in ("upsert", "clear"):
            counts[archived] += 1
        elif record.created:
            counts["uncreate"] += 1
            yield _row(record, "uncreate", None)
        elif record.before is None:
            counts[UNREAD] += 1
        elif record.record_key in refused:
            counts[REFUSED] += 1
        else:
            counts["restore"] += 1
            yield _row(record, "restore", {name: record.before.get(name) or "" for name in record.written})


def _row(record: Done, operation: str, payload: dict[str, str] | None) -> dict[str, Any]:
    return {
        **dict.fromkeys(_SCHEMA.names),
        "record_key": record.record_key,
        "operation": operation,
        "destination_id": record.destination_id,
        "digest": tables.UNDONE,
        "payload": None if payload is None else json.dumps(payload, ensure_ascii=False),
        "fingerprints": json.dumps({name: [mark] for name, mark in record.written.items()}),
    }


def _batches(rows: list[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    ordered = sorted(rows, key=lambda row: str(row["operation"] != "uncreate"))  # they free unique values
    for start in range(0, len(ordered), store.CHUNK_ROWS):
        yield pa.RecordBatch.from_pylist(ordered[start : start + store.CHUNK_ROWS], schema=_SCHEMA)
