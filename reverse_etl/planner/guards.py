"""What holds a plan until a person approves it by name: bounds of the sync's `guards`, and lost state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlglot import exp

from reverse_etl.bounds import few_rows, share
from reverse_etl.config import Guards, SyncFile
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.state.history import GOOD
from reverse_etl.state.journal import Journal
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals


@dataclass(frozen=True)
class LastGood:
    """What the sync's last run that went to its end had read.

    Attributes:
        granted: people who consented then; None when the rows were not people.
        columns: column → type that it had then, where this machine knows.
    """

    rows: int
    granted: int | None
    columns: Mapping[str, str] = field(default_factory=dict)


def last_good(connection: Connection, ask: Question, journal: Journal) -> LastGood | None:
    """The last run of the sync there that was sent to its end; None before the first.

    The journal knows the order of this machine's runs, whatever the clock said; the warehouse knows those of
    other machines too.
    """
    query = (
        exp.select(column("model_rows"), column("granted"), column("run_id"))
        .from_(tables.table(tables.RUNS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
        .where(column("status").isin(*GOOD))
        .order_by(
            exp.Ordered(this=column("started_at"), desc=True, nulls_first=False), column("run_id").desc()
        )
        .limit(1)
    )
    rows = connection.execute(ask.render(query))
    own = journal.last_good(ask.sync, ask.destination)
    if rows and (own is None or not journal.knows(str(rows[0][2]))):
        return LastGood(int(rows[0][0] or 0), rows[0][1])
    return LastGood(*own, journal.last_columns(ask.sync, ask.destination)) if own else None


def lost_records(connection: Connection, ask: Question, journal: Journal) -> int:
    """Records that this machine's journal knows of and the warehouse does not: its state was lost or is old.

    Rows of `ops.sync_records` are never deleted by the engine, so fewer of them than receipts are a loss.
    More of them are another machine's.
    """
    query = (
        exp.select(exp.Count(this=exp.Star()))
        .from_(tables.table(tables.RECORDS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
    )
    there = int(connection.execute(ask.render(query))[0][0])
    return max(0, journal.receipts.count(ask.sync, ask.destination) - there)


def reasons_to_hold(plan: Plan, file: SyncFile, before: LastGood | None, *, snapshot: bool) -> str | None:
    """Every reason why a person has to approve the plan, with its figures; None when there is none.

    Args:
        before: the last good run; without one a first delivery is under way, and creating is no surprise.
        snapshot: the destination's content is replaced whole, so that sending anew means nothing.
    """
    guards = file.guards
    found = [*_upstream(plan, guards), *_absolute(plan, guards), *_retyped(plan, before)]
    held = {"max_create_share"} if before is None else set()
    held |= {"max_resend_share"} if snapshot else set()
    held |= {"max_create_share"} if file.mode == "update" else set()
    for part in _shares(plan, guards, before):
        if part.name not in held and part.beyond(guards.share_from):
            found.append(part.words)
    return "; ".join(found) or None


def _upstream(plan: Plan, guards: Guards) -> Iterator[str]:
    """A model whose build failed, or is long ago, says nothing of today."""
    if plan.build_failed:
        stands = f"what stands is of {plan.built_at}" if plan.built_at else "it was never built well"
        yield f"upstream failed: {plan.build_failed} in the last build of {plan.model}; {stands}"
    if plan.built_at and guards.max_age_hours is not None:
        age = datetime.fromisoformat(plan.read_at) - datetime.fromisoformat(plan.built_at)
        hours = age.total_seconds() / 3600
        if hours > guards.max_age_hours:
            yield (
                f"upstream stale: {plan.model} was built {hours:,.0f} hours ago, "
                f"guard max_age_hours {guards.max_age_hours:g}"
            )


def _absolute(plan: Plan, guards: Guards) -> Iterator[str]:
    if plan.rows < guards.min_rows:
        yield few_rows(plan.rows, guards.min_rows)
    if plan.lost >= max(1, guards.share_from) or (plan.lost and not plan.delivered_before):
        yield (
            f"state lost: {plan.lost:,} records that the journal knows as sent are not in ops.sync_records, "
            f"and would be sent anew (to bring them back: kith sync restore {plan.sync})"
        )
    if plan.resync:
        of = f"of {plan.delivered_before:,} delivered"
        yield f"full re-send, asked for by kith sync resync: to send anew {plan.resync:,} {of}"
    if plan.undone:
        yield f"undone by kith sync undo: {plan.undone:,} records would be sent, or removed, again"
    if plan.granted == 0 and plan.delivered_before:
        yield f"consents 0 to {plan.consent}; {plan.delivered_before:,} were delivered"


def _retyped(plan: Plan, before: LastGood | None) -> Iterator[str]:
    """A column of another type means something else, or is written differently in every record."""
    for name, kind in (before.columns if before else {}).items():
        if plan.columns.get(name, kind) != kind:
            yield f"column `{name}` was {kind} in the last good run, and is {plan.columns[name]}"


@dataclass(frozen=True)
class _Share:
    name: str
    limit: float | None
    what: str
    number: int
    base: int
    of: str

    def beyond(self, share_from: int) -> bool:
        """Few records are no share's business, unless they are all that there were."""
        if self.limit is None or self.base <= 0 or self.number <= 0:
            return False
        everyone = self.name == "max_delete_share" and self.number == self.base > 1
        return (self.number >= share_from or everyone) and self.number / self.base > self.limit

    @property
    def words(self) -> str:
        return share(self.what, self.number, self.base, self.of, guard=self.name, limit=self.limit or 0)


def _shares(plan: Plan, guards: Guards, before: LastGood | None) -> Iterator[_Share]:
    delivered = plan.delivered_before
    rows = before.rows if before else 0
    yield _Share("max_shrink", guards.max_shrink, "rows lost", rows - plan.rows, rows, "of the last good run")
    if before and before.granted and plan.granted is not None:
        lost = before.granted - plan.granted
        of = "people of the last good run"
        yield _Share("max_shrink", guards.max_shrink, "consents lost", lost, before.granted, of)
    yield _Share(
        "max_delete_share", guards.max_delete_share, "to remove", plan.removed, delivered, "delivered"
    )
    yield _Share("max_create_share", guards.max_create_share, "to create", plan.new, delivered, "delivered")
    words = "unusual full re-send, for the mapping changed: to send anew"
    yield _Share("max_resend_share", guards.max_resend_share, words, plan.remapped, delivered, "delivered")
