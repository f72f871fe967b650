"""What becomes of each record: the model's rows against the state, judged."""

from __future__ import annotations

from datetime import timedelta

from sqlglot import exp

from reverse_etl.destinations.base import ABSENT, THERE
from reverse_etl.planner.merges import ABSORBS, JUDGED, MERGED, REKEYED, inherited, join_merges
from reverse_etl.planner.question import Question
from reverse_etl.planner.withdrawals import asks_withdrawals, join_withdrawals, withdrew, withdrew_and_left
from reverse_etl.state import tables
from reverse_etl.warehouse.expressions import column, equals, is_not_null, is_null, named, text

NO_CONSENT = "no consent"
HOLDOUT = "holdout"  # the reason, and the arm of an audience that nobody writes to
ABSENT_FOR = timedelta(days=1)
SHARES = "shares a unique field with another person"
UNSURE = "joined by links that are not exact"
WAITS = "refused before, waits for its next try or a change"


def compared(ask: Question) -> exp.Select:
    """Model and state side by side, with what became of each record."""
    key = exp.Coalesce(this=column("record_key", "judged"), expressions=[column("record_key", "prior")])
    waits = exp.and_(
        exp.EQ(this=column("record_key", "waiting"), expression=column("record_key", "judged")),
        exp.EQ(this=column("digest", "waiting"), expression=column("digest", "judged")),
    )
    status, reason = _verdicts(ask)
    query = (
        exp.select(
            named(key, "record_key"),
            named(_digest(), "digest"),
            named(is_not_null(column("record_key", "judged")), "in_model"),
            named(column("person_id", "judged"), "person_id"),
            named(column("contact_point", "judged"), "contact_point"),
            named(inherited(column("record_key", "prior"), "old_key"), "state_key"),
            named(inherited(column("comparable", "prior"), "comparable"), "comparable"),
            named(column("old_key", "heirs"), "replaces"),
            named(column("old_keys", "former"), "former"),
            named(column("new_key", "retired"), "survivor"),
            named(column("retaken", "prior"), "retaken"),
            named(column("digest", "prior"), "prior_digest"),
            named(status, "status"),
            named(reason, "reason"),
        )
        .from_(exp.alias_(exp.to_table(JUDGED), "judged", table=True))
        .join(
            exp.to_table("prior"),
            on=exp.EQ(this=column("record_key", "judged"), expression=column("record_key", "prior")),
            join_type="full outer",
        )
        .join(exp.to_table("waiting"), on=waits, join_type="left")
    )
    query = join_merges(query)
    return join_withdrawals(ask, query) if asks_withdrawals(ask) else query


def _verdicts(ask: Question) -> tuple[exp.Case, exp.Case]:
    """The record's status and, for those held or removed, why."""
    absent = is_null(column("record_key", "judged"))
    delivered = _was("delivered")
    refused = exp.not_(column("permitted", "judged"))
    held_out = column("held_out", "judged")
    mirrors = ask.file.mode == "mirror"
    removes = mirrors and ask.file.on_removed != "leave"
    absorbs = ask.file.merged == "merge"
    gone = [] if mirrors else [withdrew()]
    lets_go = ask.withdrawn != "leave"
    shared = is_not_null(column("shared", "judged"))
    waits = is_not_null(column("record_key", "waiting"))
    rules: list[tuple[exp.Expr, str, str]] = [
        (exp.and_(absent, exp.not_(delivered.copy())), "gone", ""),
        (exp.and_(absent, column("takes", "retired")), "rekeyed", ""),
        # Its survivor is held: what was merged by such a link is not touched, whatever the sync's policy.
        (exp.and_(absent, column("unsure", "retired")), "rekeyed", ""),
        *([(exp.and_(absent, column("waits", "retired")), "rekeyed", "")] if absorbs else []),
        (
            exp.and_(absent, is_not_null(column("old_key", "retired"))),
            "left" if ask.file.merged == "leave" else "removed",
            MERGED,
        ),
        *([(exp.and_(absent, withdrew_and_left()), "removed", NO_CONSENT)] if asks_withdrawals(ask) else []),
        (absent.copy(), "removed" if removes else "left", "left the model"),
        *([(exp.and_(held_out, delivered.copy()), "removed", HOLDOUT)] if removes else []),
        (held_out.copy(), "held", HOLDOUT),
        *([(exp.and_(refused, delivered.copy(), *gone), "removed", NO_CONSENT)] if lets_go else []),
        (refused.copy(), "held", NO_CONSENT),
        *_left_by_mode(ask, delivered),
        (column("unsure", "judged"), "held", UNSURE),
        (shared, "held", SHARES),
        (waits, "held", WAITS),
        (is_not_null(column("new_key", "heirs")), "changed", REKEYED),
        (is_not_null(column("new_key", "absorbing")), "changed", ABSORBS),
        (exp.not_(delivered.copy()), "new", ""),
        (_differs(), "changed", ""),
    ]
    status = exp.Case(
        ifs=[exp.If(this=test.copy(), true=text(name)) for test, name, _ in rules],
        default=text("unchanged"),
    )
    reason = exp.Case(
        ifs=[exp.If(this=test.copy(), true=text(why)) for test, _, why in rules],
        default=text(""),
    )
    return status, reason


def _left_by_mode(ask: Question, delivered: exp.Expr) -> list[tuple[exp.Expr, str, str]]:
    """What is sent once is not sent again; what was not there is looked for again after ABSENT_FOR."""
    if ask.file.mode in ("insert", "event"):
        return [(delivered.copy(), "unchanged", ""), (_was("there"), "held", THERE)]
    if ask.file.mode == "update":
        asked = exp.cast(text((ask.now - ABSENT_FOR).replace(tzinfo=None).isoformat(sep=" ")), "timestamp")
        same = exp.EQ(this=_digest(), expression=column("digest", "prior"))
        lately = exp.GT(this=column("acknowledged_at", "prior"), expression=asked)
        return [(exp.and_(_was("absent"), same, lately), "held", ABSENT)]
    return []


def _digest() -> exp.Expr:
    """The row's; the state's where none had to be made; null of a new one, which is digested when frozen."""
    known = is_not_null(column("record_key", "judged"))
    prior = exp.Case(ifs=[exp.If(this=known, true=column("digest", "prior"))])
    return exp.Coalesce(this=column("digest", "judged"), expressions=[prior])


def _was(status: str) -> exp.Expr:
    return exp.Coalesce(this=equals("status", status, "prior"), expressions=[exp.false()])


def _differs() -> exp.Expr:
    return exp.or_(
        exp.NEQ(this=_digest(), expression=column("digest", "prior")),
        exp.not_(column("comparable", "prior")),
    )


# Of the outcome; the rest of a plan's columns is the state's.
DECIDED = (
    *("record_key", "status", "reason", "in_model", "person_id", "contact_point", "digest"),
    *("retaken", "prior_digest", "replaces", "former", "survivor", "operation"),
)


def outcome(ask: Question) -> exp.Select:
    """Without values: all but what needs nothing; a snapshot keeps its unchanged rows.

    state_key: the record of the state that it goes on from; comparable: true when its digests are.
    """
    names = [name for name in (*DECIDED, "state_key", "comparable") if name != "operation"]
    dropped = ["gone", "rekeyed"] if ask.snapshot else ["gone", "rekeyed", "unchanged"]
    return (
        exp.select(*map(column, names), named(_operation(ask), "operation"))
        .from_("compared")
        .where(exp.not_(column("status").isin(*dropped)))
    )


def with_state(ask: Question, decided: str) -> exp.Select:
    """The table of outcomes with what the state holds of each; only of those it is read."""
    state = (
        exp.select(*map(column, ("record_key", "destination_id", "fingerprints", "field_digests")))
        .from_(tables.table(tables.RECORDS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
    )
    same = exp.EQ(this=column("record_key", "state"), expression=column("state_key", "decided"))
    fields = exp.Case(
        ifs=[exp.If(this=column("comparable", "decided"), true=column("field_digests", "state"))]
    )
    return (
        exp.select(
            *[column(name, "decided") for name in DECIDED],
            column("destination_id", "state"),
            column("fingerprints", "state"),
            named(fields, "prior_fields"),
        )
        .from_(exp.alias_(exp.to_table(decided), "decided", table=True))
        .join(state.subquery("state"), on=same, join_type="left")
    )


def _operation(ask: Question) -> exp.Case:
    # A file holds nobody by itself: who is not written any more is gone from it.
    removal, withdrawn = ("remove", "remove") if ask.snapshot else (ask.file.on_removed, ask.withdrawn)
    sent = "event" if ask.file.mode == "event" else "upsert"
    pairs = [
        (column("status").isin("new", "changed"), sent),
        (exp.and_(equals("status", "removed"), equals("reason", MERGED)), ask.file.merged),
        (exp.and_(equals("status", "removed"), equals("reason", NO_CONSENT)), withdrawn),
        (equals("status", "removed"), removal),
    ]
    if ask.snapshot:
        pairs.append((equals("status", "unchanged"), "keep"))
    return exp.Case(ifs=[exp.If(this=test, true=text(operation)) for test, operation in pairs])
