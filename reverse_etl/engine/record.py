"""A run's entries in the journal: that it began, and what became of each record."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from reverse_etl.destinations import Outcome, Record
from reverse_etl.destinations.base import ABSENT, EDITED, THERE
from reverse_etl.destinations.policies import plain_form
from reverse_etl.engine.recover import merge
from reverse_etl.engine.running import Running
from reverse_etl.errors import HeldError
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.render import DIGEST_VERSION
from reverse_etl.state.entries import ABSORBED, MERGED, MOVED, Entries, Rejected
from reverse_etl.state.undo import Done

LEFT = {THERE: "there", ABSENT: "absent"}


def begin(
    running: Running, plan: Plan | None, *, planned: int, status: str, message: str | None = None
) -> None:
    """Enter the run, with its plan's counts."""
    running.run_id = f"{running.settings.now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    facts = plan or Plan("", "", "", "", "", "")
    running.journal.begin(
        {
            "run_id": running.run_id,
            "sync": running.sync.name,
            "destination": running.target.label,
            "plan_id": plan.plan_id if plan else None,
            "status": status,
            "started_at": running.now().isoformat(),
            "model_rows": facts.rows,
            "planned": planned,
            "added": facts.new,
            "changed": facts.changed,
            "removed": facts.removed,
            "unchanged": facts.unchanged,
            "held": facts.held_count,
            "granted": facts.granted,
            "columns": json.dumps(facts.columns),
            "mapping": facts.mapping,
            "digest_version": DIGEST_VERSION,
            "message": message,
        }
    )
    counts = {name: getattr(facts, name) for name in ("rows", "new", "changed", "removed", "unchanged")}
    running.log.write(
        "began" if status == "running" else status,
        run=running.run_id,
        plan=facts.plan_id,
        planned=planned,
        **counts,
        held_back=facts.held,
        message=message,
    )


def note_held(running: Running, plan: Plan | None, error: HeldError) -> None:
    """A held run is a run: it stands in ops.sync_runs with nothing planned."""
    # Of one with a plan, status says by itself how it is let go.
    message = error.message if plan else str(error)
    begin(running, plan, planned=0, status="held", message=message)
    running.journal.update(running.run_id, finished_at=running.now().isoformat())
    merge(running)


def entries_of(running: Running, outcomes: Sequence[tuple[Record, Outcome]]) -> Entries:
    """What a batch's answer said of its records, all of one operation, for the journal."""
    entries, done = Entries(), []
    if not running.held and running.undo is None and _all_written(outcomes):
        entries.acks[outcomes[0][0].operation].add_all(
            [record.key for record, _ in outcomes],
            [record.place for record, _ in outcomes],
            [outcome.destination_id or record.destination_id for record, outcome in outcomes],
        )
        return entries
    after = running.held.after
    for record, outcome in outcomes:
        if outcome.skipped == EDITED:
            running.left.append(record.key)
        elif outcome.refused is None:
            entries.acks[LEFT[outcome.skipped] if outcome.skipped else record.operation].add(
                record.key,
                record.place,
                outcome.destination_id or record.destination_id,
                after(record, outcome),
                ",".join(outcome.edited) or None,
            )
            if record.replaces and not outcome.skipped:
                # In the same transaction: a contact is never two records', nor nobody's.
                entries.acks[MERGED].add(record.replaces)
            if running.undo and not outcome.skipped:
                done.append(_done(running, record, outcome))
        else:
            if outcome.absorbed:
                entries.acks[MOVED].add(record.key, None, outcome.destination_id, running.held.before(record))
                if record.replaces:
                    entries.acks[MERGED].add(record.replaces)
            entries.rejects.append(
                Rejected(record.key, record.operation, outcome.kind, outcome.refused, _digest(record))
            )
        for key, id_ in record.absorbs if outcome.absorbed else ():
            entries.acks[ABSORBED].add(key)
            done.append(Done(key, ABSORBED, id_, False, {}, None))
    if running.undo:
        running.undo.after(done)
    return entries


def _all_written(outcomes: Sequence[tuple[Record, Outcome]]) -> bool:
    """True when nothing is to be told of any record but that it was written, as nearly always."""
    return not [
        1
        for record, told in outcomes
        if told.refused is not None or told.skipped or told.edited or told.absorbed or record.replaces
    ]


def _digest(record: Record) -> str:
    if record.place is None:
        return ""
    rows, number = record.place
    return rows.column("digest")[number].as_py() or ""


def keep(running: Running, group: Sequence[Entries]) -> None:
    """Write batches' entries into the journal, and say so in the log."""
    running.journal.write(running.run_id, group, running.now())
    for entries in group:
        acknowledged, rejected = entries.acknowledged, len(entries.rejects)
        running.log.write(
            "batch",
            run=running.run_id,
            records=acknowledged + rejected,
            acknowledged=acknowledged,
            rejected=rejected,
        )


def _done(running: Running, record: Record, outcome: Outcome) -> Done:
    mark = running.held.fingerprint
    return Done(
        record.key,
        record.operation,
        outcome.destination_id or record.destination_id,
        outcome.created,
        {name: mark(name, plain_form(value)) for name, value in outcome.written.items()},
        running.held.before(record),
    )
