"""A run's end: its status, its counts, its report."""

from __future__ import annotations

import time

from reverse_etl.destinations.base import EDITED
from reverse_etl.engine.deliver import Delivery
from reverse_etl.engine.record import LEFT
from reverse_etl.engine.recover import merge
from reverse_etl.engine.report import RunReport
from reverse_etl.engine.running import Running
from reverse_etl.engine.telemetry import count
from reverse_etl.errors import ConfigurationError, KithError, class_of
from reverse_etl.planner import store
from reverse_etl.planner.plan import Plan


def finish(
    running: Running, plan: Plan, delivery: Delivery, *, planned: int, withheld: int, location: str | None
) -> RunReport:
    """Close the run in the journal, tell the warehouse, and say what was done.

    Raises:
        ConfigurationError: what stopped it was one.
    """
    journal, run_id = running.journal, running.run_id
    delivered, rejected = journal.counts(run_id)
    reasons, edited, skipped = journal.reasons(run_id), journal.edited(run_id), journal.skipped(run_id)
    status = (
        "stopped"
        if delivery.stopped
        else "interrupted"
        if delivery.given_up
        else "rejected"
        if rejected
        else "done"
    )
    if plan.kind == "undo" and status in ("done", "rejected"):
        status = "undone"
    error = delivery.stopped or delivery.failure
    words = [*([error.message] if error else []), *plan.notes]
    words += [f"Sending paused {running.paused}×: the destination failed."] if running.paused else []
    said = {"message": " ".join(words)} if words else {}
    failure = class_of(error) if error else None
    journal.update(run_id, status=status, finished_at=running.now().isoformat(), failure=failure, **said)
    merge(running)
    if isinstance(delivery.stopped, ConfigurationError):
        raise delivery.stopped
    if status in ("done", "rejected", "undone"):
        store.forget_rows(running.settings, plan.plan_id)
    report = RunReport(
        run_id=run_id,
        sync=running.sync.name,
        destination=running.target.label,
        plan_id=plan.plan_id,
        status=status,
        rows=plan.rows,
        planned=planned,
        delivered=delivered,
        rejected=rejected,
        deferred=planned - delivered - rejected,
        withheld=withheld,
        new=plan.new,
        changed=plan.changed,
        removed=plan.removed,
        unchanged=plan.unchanged,
        held=plan.held,
        reasons=reasons,
        edited=edited,
        skipped={
            **{why: skipped[operation] for why, operation in LEFT.items() if operation in skipped},
            **({EDITED: len(running.left)} if running.left else {}),
        },
        left=running.left,
        notes=plan.notes,
        recovered=running.recovered,
        requests_retried=running.retried,
        paused=running.paused,
        seconds=time.monotonic() - running.clock_start,
        location=location,
        error=_stopped_text(error, delivered, planned) if error else None,
        failure=failure,
    )
    tell(running, report)
    return report


def tell(running: Running, report: RunReport) -> None:
    """The run's last line in the log."""
    counts = {name: getattr(report, name) for name in ("planned", "delivered", "rejected", "deferred")}
    named = {"sync": report.sync, "destination": report.destination}
    count({**counts, "requests_retried": report.requests_retried}, **named)
    running.log.write(
        "finished",
        run=report.run_id,
        status=report.status,
        **counts,
        reasons=report.reasons,
        skipped=report.skipped,
        requests_retried=report.requests_retried,
        paused=report.paused or None,
        seconds=round(report.seconds, 3),
        error=report.error,
        failure=report.failure,
    )


def _stopped_text(error: KithError, delivered: int, planned: int) -> str:
    kept = f"{delivered:,} of {planned:,} delivered and kept; the rest is planned anew by the next run."
    return f"{error.message} {kept}"
