"""The plan's SQL: the model against what was last acknowledged, one row per record that needs a word.

Three queries, each kept as a table, so that none holds much at once:
judged    model (keys) → digested (where a digest was made: see `marks`) → consents → judged (may it be sent?)
outcome   prior (the state, without what is long) → merges of people → compared → what needs a word
plan      with what the state holds of those
Keys and digests alone are compared; what is sent is rendered when it is frozen.
"""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.planner import consent, render
from reverse_etl.planner.marks import DIGESTS
from reverse_etl.planner.merges import JUDGED, merge_steps
from reverse_etl.planner.question import CONFIDENCE, Question
from reverse_etl.planner.settled import keep_settled
from reverse_etl.planner.verdicts import HOLDOUT, compared, outcome, with_state
from reverse_etl.planner.withdrawals import withdrawal_steps
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals, is_not_null, is_null, named, number, text

OUTCOME = "kith_outcome"


def make_plan_table(connection: Connection, ask: Question, table: str) -> None:
    """Keep the plan: one row per record to send, to hold, or that left, with the columns of `with_state`.

    Beside it, the table of `keep_settled`.
    """
    connection.keep(JUDGED, ask.render(_with(_judged(ask), _judging(ask))))
    connection.keep(OUTCOME, ask.render(_with(outcome(ask), _comparing(ask))))
    connection.drop(JUDGED)
    keep_settled(connection, ask, OUTCOME)
    connection.keep(table, ask.render(with_state(ask, OUTCOME)))
    connection.drop(OUTCOME)


def _with(query: exp.Select, steps: list[tuple[str, exp.Select]]) -> exp.Select:
    for name, step in steps:
        query = query.with_(name, as_=step)
    return query


def _judging(ask: Question) -> list[tuple[str, exp.Select]]:
    steps = [("model", _model(ask)), ("digested", _digested(ask))]
    return [*steps, ("consents", consent.decisions(ask.file))] if ask.people else steps


def _comparing(ask: Question) -> list[tuple[str, exp.Select]]:
    return [
        ("prior", _prior(ask)),
        ("waiting", _waiting(ask)),
        *merge_steps(ask),
        *withdrawal_steps(ask),
        ("compared", compared(ask)),
    ]


def _model(ask: Question) -> exp.Select:
    """Keys, and the texts of unique fields."""
    chosen: list[exp.Expr] = [named(exp.cast(column(ask.file.key), "text"), "record_key")]
    chosen += [named(value, name) for name, value in consent.of_row(ask.file, ask.people).items()]
    arm = exp.cast(column(ask.arm), "text") if ask.arm else exp.cast(exp.Null(), "text")
    chosen.append(named(arm, "arm"))
    for name in ask.unique:
        source = ask.rules[name].from_
        value = render.text_of(column(source), ask.columns[source], ask.dialect)
        chosen.append(named(value, f"unique_{name}"))
    return exp.select(*chosen).from_(ask.source)


def _digested(ask: Question) -> exp.Select:
    """With the digest, where it had to be made."""
    same = exp.EQ(this=column("record_key", "made"), expression=column("record_key", "model"))
    made = exp.alias_(exp.to_table(DIGESTS), "made", table=True)
    every = exp.Column(this=exp.Star(), table=exp.to_identifier("model"))
    query = exp.select(every, column("digest", "made")).from_("model")
    return query.join(made, on=same, join_type="left")


def _judged(ask: Question) -> exp.Select:
    """Each row, judged.

    permitted; held_out, it would be, and its audience leaves it out, to compare with; unsure, its person is
    not as sure as the sync asks for; shared, the unique field that another permitted row has too, or null.
    """
    permitted: exp.Expr = exp.true()
    query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("digested")))
    if ask.people:
        permitted = consent.allowed("digested", ask.contact is not None)
        query = consent.join_decisions(query.from_("digested"), "digested", ask.contact is not None)
    else:
        query = query.from_("digested")
    out = exp.Coalesce(this=equals("arm", HOLDOUT, "digested"), expressions=[exp.false()])
    inner = query.select(
        named(exp.and_(permitted, exp.not_(out)), "permitted"),
        named(exp.and_(permitted.copy(), out.copy()), "held_out"),
    )
    rows = _unsure(ask, inner).subquery("permission")
    return exp.select(exp.Star(), named(_shared(ask), "shared")).from_(rows)


def _unsure(ask: Question, query: exp.Select) -> exp.Select:
    """With `unsure`: true for who is not known to be exact, where the sync asks for it."""
    if not ask.exact:
        return query.select(named(exp.false(), "unsure"))
    exact = exp.select(named(exp.cast(column("person_id"), "text"), "exact_id")).from_(CONFIDENCE)
    sure = exact.where(equals("confidence", "exact")).subquery("sure")
    same = exp.EQ(this=column("exact_id", "sure"), expression=column("person_id", "digested"))
    query = query.join(sure, on=same, join_type="left")
    return query.select(named(is_null(column("exact_id", "sure")), "unsure"))


def _shared(ask: Question) -> exp.Expr:
    cases = []
    for name in ask.unique:
        value = column(f"unique_{name}")
        same = exp.func("lower", value)
        count = exp.Window(
            this=exp.Sum(
                this=exp.Case(ifs=[exp.If(this=column("permitted"), true=number(1))], default=number(0))
            ),
            partition_by=[same],
        )
        twice = exp.and_(
            column("permitted"), is_not_null(value.copy()), exp.GT(this=count, expression=number(1))
        )
        cases.append(exp.If(this=twice, true=exp.Literal.string(name)))
    return exp.Case(ifs=cases) if cases else exp.cast(exp.Null(), "text")


def _prior(ask: Question) -> exp.Select:
    """comparable: true when digests are of the same mapping and version as the sync's."""
    names = ("record_key", "status", "digest", "acknowledged_at", "retaken")
    same = exp.and_(equals("mapping", ask.mapping), equals("digest_version", render.DIGEST_VERSION))
    return (
        exp.select(*map(column, names), named(same, "comparable"))
        .from_(tables.table(tables.RECORDS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
    )


def _waiting(ask: Question) -> exp.Select:
    """Refused records whose next try is not due; those without a next try wait until their row changes."""
    moment = exp.cast(exp.Literal.string(ask.now.replace(tzinfo=None).isoformat(sep=" ")), "timestamp")
    due = exp.LTE(this=column("next_retry_at"), expression=moment)
    return (
        exp.select(column("record_key"), column("digest"))
        .from_(tables.table(tables.REJECTS))
        .where(equals("sync", ask.sync))
        .where(equals("destination", ask.destination))
        .where(exp.NEQ(this=column("class"), expression=text("retriable")))
        .where(exp.or_(is_null(column("next_retry_at")), exp.not_(due)))
    )
