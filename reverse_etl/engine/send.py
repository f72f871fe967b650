"""Sends a plan's rows. No warehouse connection is open while the network is talked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby

from sqlglot import exp

from reverse_etl.destinations import Opening, Outcome, Record, Sink
from reverse_etl.engine.deliver import Delivery, Keep, deliver
from reverse_etl.engine.finish import finish
from reverse_etl.engine.held import Held, fingerprints
from reverse_etl.engine.in_flight import InFlight, unless_stopped
from reverse_etl.engine.keeping import Keeping
from reverse_etl.engine.meanwhile import merging
from reverse_etl.engine.opening import opening, policies
from reverse_etl.engine.record import begin, entries_of, keep
from reverse_etl.engine.report import RunReport
from reverse_etl.engine.rows import PlanRows
from reverse_etl.engine.running import Running
from reverse_etl.errors import ConfigurationError, KithError
from reverse_etl.memory import few_collections
from reverse_etl.planner import merges
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.question import field_rules
from reverse_etl.planner.recheck import withheld_keys
from reverse_etl.state import tables
from reverse_etl.state.entries import ABSORBED, MERGED
from reverse_etl.state.undo import keep_for_undo
from reverse_etl.warehouse.expressions import column, equals, text

REMOVE = frozenset({"archive", "delete", "uncreate", "clear"})
WRITE = frozenset({"upsert", "event", "restore"})


def send(running: Running, plan: Plan) -> RunReport:
    """Ask consent again, send what is left, and tell the warehouse.

    Raises:
        ConfigurationError: the destination cannot be opened as it is declared; the run is kept.
    """
    settings = running.settings
    handled = _handled(running, plan)
    withheld: set[str] = set()
    if _shows_rows(running, plan):
        withheld = withheld_keys(settings, running.warehouse, running.sync, plan)
    if plan.lost:
        # Approved, or too few to hold: what is sent now is all that is known from here on.
        running.journal.receipts.forget(running.sync.name, running.target.label)
    planned = plan.planned - len(handled)
    begin(running, plan, planned=planned, status="running")
    _recall(running)
    absorbs = running.sync.file.merged == ABSORBED and merges.MERGED in plan.removed_reasons
    rows = PlanRows(settings, plan.plan_id, handled | withheld, running.held, absorbs=absorbs)
    location: str | None = None
    if running.target.can.snapshot:
        delivery, location = _replace(running, plan, rows, withheld)
    else:
        with ExitStack() as stack:
            if running.sync.file.undo_days and planned:
                kept = keep_for_undo(settings.home, running.run_id, running.sync.file.undo_days)
                running.undo = stack.enter_context(kept)
            delivery = deliver_rows(running, rows, opening(running), planned)
    # Withheld rows that a snapshot merely kept were not planned.
    lost = len(withheld - handled) if not running.target.can.snapshot else 0
    return finish(running, plan, delivery, planned=planned, withheld=lost, location=location)


def _shows_rows(running: Running, plan: Plan) -> bool:
    """True when the destination may come to show rows of the plan: a snapshot shows unchanged ones too."""
    return bool(plan.planned or (running.target.can.snapshot and plan.unchanged))


def _recall(running: Running) -> None:
    """What the destination holds by this sync, where a policy asks for it."""
    file = running.sync.file
    named, creates = policies(file), file.mode == "insert"
    if not named and not creates and not file.undo_days:
        return
    with running.warehouse.connect() as connection:
        salt = tables.read_salt(connection, running.warehouse.dialect)
    fields = list(field_rules(file, running.target.can))
    intents = running.journal.intents(running.sync.name, running.target.label)
    running.held = Held(fields, named, fingerprints(salt), intents, creates=creates)


def _handled(running: Running, plan: Plan) -> set[str]:
    """Keys that earlier, cut-short runs of this very plan delivered or had refused."""
    if not running.journal.runs_of(plan.plan_id):
        return set()
    found: set[str] = set()
    with running.warehouse.connect() as connection:
        runs = exp.select("run_id").from_(tables.table(tables.RUNS)).where(equals("plan_id", plan.plan_id))
        for name in (tables.RECORDS, tables.REJECTS):
            query = (
                exp.select("record_key")
                .from_(tables.table(name))
                .where(exp.In(this=column("run_id"), query=runs.copy().subquery()))
            )
            if name == tables.RECORDS:
                # What a merge retired was never planned.
                query = query.where(exp.NEQ(this=column("status"), expression=text(MERGED)))
            found |= {str(k) for (k,) in connection.execute(query.sql(dialect=running.warehouse.dialect))}
    return found


def deliver_rows(running: Running, rows: PlanRows, opened: Opening, planned: int) -> Delivery:
    """Send the rows to the opened destination."""
    if not planned:
        return Delivery()
    try:
        with few_collections():
            return asyncio.run(_deliver(running, rows, opened, planned))
    except ConfigurationError as error:
        return Delivery(stopped=error)


async def _deliver(running: Running, rows: PlanRows, opened: Opening, planned: int) -> Delivery:
    sent = 0
    keeping = Keeping(partial(keep, running))

    async def told(outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        nonlocal sent
        await keeping.keep(entries_of(running, outcomes))
        sent += len(outcomes) + sum(len(record.absorbs) for record, _ in outcomes)
        running.on_progress(sent, planned)

    assert running.target.kind.open is not None
    in_flight = InFlight(opened.limits)
    opened = replace(opened, on_answer=in_flight.answered, wait=in_flight.wait)
    batches = rows.batches(REMOVE | WRITE, opened.limits.batch)
    async with merging(running), running.target.kind.open(opened) as sink:
        work = _in_order(sink, batches, in_flight, told)
        try:
            delivery = await unless_stopped(work, in_flight, running.stop)
        finally:
            await keeping.settled()
    return delivery or Delivery(stopped=in_flight.closed)


async def _in_order(sink: Sink, batches: Iterator[list[Record]], in_flight: InFlight, keep: Keep) -> Delivery:
    """Removals first, to their end: they free unique values that other records are waiting for."""
    total = Delivery()
    for _, group in groupby(batches, key=lambda batch: batch[0].operation in REMOVE):
        delivery = await deliver(sink, group, in_flight, keep)
        total.given_up += delivery.given_up
        total.failure = delivery.failure or total.failure
        total.stopped = delivery.stopped
        if total.stopped:
            break
    return total


def _replace(running: Running, plan: Plan, rows: PlanRows, withheld: set[str]) -> tuple[Delivery, str | None]:
    content_of = running.target.kind.snapshot
    assert content_of is not None
    content = content_of(opening(running))
    delivery = Delivery()
    location = str(getattr(content, "path", "")) or None
    is_current = content.exists() and not withheld
    if not plan.planned and (is_current or not plan.unchanged):
        return delivery, location
    if running.stop.asked:
        delivery.stopped = running.stop.error()
        return delivery, location
    names = list(field_rules(running.sync.file, running.target.can))
    try:
        content.replace(rows.content(names, withheld))
    except KithError as error:
        delivery.stopped = error
        return delivery, location
    for batch in rows.batches({"upsert", "remove"}, running.target.limits.batch):
        keep(running, [entries_of(running, [(record, Outcome(record.key)) for record in batch])])
    return delivery, location
