"""People who were merged into others: whose record carries on as whose.

The record of a retired id becomes the survivor's when the survivor has none: the oldest one, where there are
several. The others follow the sync's policy; by `merge` they go into the survivor's record, which is written
again after it. A split retires nobody: the id that stays keeps its record, and the other one is new.
"""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.warehouse.expressions import column, equals, is_not_null, is_null, named, number

REKEYED = "re-keyed"
ABSORBS = "takes in a merged person's"
MERGED = "merged into another person"
# The plan's rows before the state is looked at: steps.judged_query.
JUDGED = "kith_judged"


def merge_steps(ask: Question) -> list[tuple[str, exp.Select]]:
    """CTEs `retired`, one row per delivered record whose person was merged; `heirs`, those that carry on as
    the survivor's; `absorbing`, the survivors that others' records go into; `former`, the retired ids of each
    person. Empty where nothing is known of merges."""
    nobody = _nobody(("old_key", "new_key"), ("comparable", "takes", "unsure", "waits"))
    heirs = exp.select(exp.Star()).from_("retired").where(column("takes"))
    return [
        ("retired", _retired(ask) if ask.merges else nobody),
        ("heirs", heirs),
        ("absorbing", _absorbing(ask)),
        ("former", _former(ask)),
    ]


def join_merges(query: exp.Select) -> exp.Select:
    """Join them to a query over `judged` and `prior`."""
    for name, key, rows in (
        ("heirs", "new_key", "judged"),
        ("retired", "old_key", "prior"),
        ("absorbing", "new_key", "judged"),
        ("former", "new_key", "judged"),
    ):
        same = exp.EQ(this=column(key, name), expression=column("record_key", rows))
        query = query.join(exp.to_table(name), on=same, join_type="left")
    return query


def inherited(own: exp.Expr, name: str) -> exp.Expr:
    """The heir's column where the record of a merged person is carried on; else its own."""
    takes = exp.not_(is_null(column("new_key", "heirs")))
    return exp.Case(ifs=[exp.If(this=takes, true=column(name, "heirs"))], default=own)


def _retired(ask: Question) -> exp.Select:
    order = [column("acknowledged_at", "prior"), column("record_key", "prior")]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column("person_id", "aliases")],
        order=exp.Order(expressions=[exp.Ordered(this=part, nulls_first=False) for part in order]),
    )
    own = exp.Coalesce(this=equals("status", "delivered", "own"), expressions=[exp.false()])
    takes = exp.and_(exp.EQ(this=place, expression=number(1)), exp.not_(own))
    aliases = exp.alias_(exp.table_("person_aliases", db="marts", quoted=True), "aliases", table=True)

    def joined(query: exp.Select, name: str, alias: str, key: exp.Expr, kind: str) -> exp.Select:
        source = exp.alias_(exp.to_table(name), alias, table=True)
        return query.join(source, on=exp.EQ(this=column("record_key", alias), expression=key), join_type=kind)

    survivor = exp.cast(column("person_id", "aliases"), "text")
    query = exp.select(
        named(column("record_key", "prior"), "old_key"),
        named(survivor, "new_key"),
        column("comparable", "prior"),
        named(takes, "takes"),
        column("unsure", "survivor"),
        # Its survivor cannot be written now: neither is this one taken in.
        named(
            exp.or_(is_not_null(column("shared", "survivor")), is_not_null(column("record_key", "refused"))),
            "waits",
        ),
    ).from_("prior")
    same = exp.EQ(
        this=exp.cast(column("alias_person_id", "aliases"), "text"), expression=column("record_key", "prior")
    )
    query = query.join(aliases, on=same)
    query = joined(query, JUDGED, "survivor", survivor.copy(), "inner")
    query = joined(query, "prior", "own", survivor.copy(), "left")
    query = joined(query, JUDGED, "still", column("record_key", "prior"), "left")
    waits = exp.and_(
        exp.EQ(this=column("record_key", "refused"), expression=column("record_key", "survivor")),
        exp.EQ(this=column("digest", "refused"), expression=column("digest", "survivor")),
    )
    query = query.join(exp.alias_(exp.to_table("waiting"), "refused", table=True), on=waits, join_type="left")
    return (
        query.where(equals("status", "delivered", "prior"))
        .where(column("permitted", "survivor"))
        .where(is_null(column("record_key", "still")))
    )


def _absorbing(ask: Question) -> exp.Select:
    query = exp.select(column("new_key")).distinct().from_("retired")
    if ask.file.merged != "merge":
        return query.where(exp.false())
    ready = exp.and_(*(exp.not_(column(name)) for name in ("takes", "unsure", "waits")))
    return query.where(ready)


def _former(ask: Question) -> exp.Select:
    if not ask.merges:
        return _nobody(("new_key", "old_keys"))
    ids = exp.GroupConcat(this=exp.cast(column("alias_person_id"), "text"), separator=exp.Literal.string(","))
    return (
        exp.select(named(exp.cast(column("person_id"), "text"), "new_key"), named(ids, "old_keys"))
        .from_(exp.table_("person_aliases", db="marts", quoted=True))
        .group_by("1")
    )


def _nobody(texts: tuple[str, ...], flags: tuple[str, ...] = ()) -> exp.Select:
    """No rows, with these columns."""
    chosen = [named(exp.cast(exp.Null(), "text"), name) for name in texts]
    chosen += [named(exp.cast(exp.Null(), "boolean"), flag) for flag in flags]
    return exp.select(*chosen).from_(tables.table(tables.SALT)).where(exp.false())
