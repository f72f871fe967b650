"""People who withdrew: a sync that keeps who left the model still lets go of them.

A mirror that removes needs none of this: whoever may not be sent, or is not in the model, leaves it.
"""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.planner import consent
from reverse_etl.planner.question import Question
from reverse_etl.warehouse.expressions import column, is_not_null, named, number, text


def asks_withdrawals(ask: Question) -> bool:
    """True where those who withdrew go, and those who just left stay."""
    stay = ask.file.mode == "upsert" or ask.file.on_removed == "leave"
    return ask.people is not None and ask.withdrawn != "leave" and stay and not ask.snapshot


def withdrawal_steps(ask: Question) -> list[tuple[str, exp.Select]]:
    """CTEs up to `withdrawals`: one row per person with a refusal, and per id that was merged into one.

    wholly: 1 when nothing is left that the person consents to.
    """
    if not asks_withdrawals(ask):
        return []
    each: exp.Query = exp.select(exp.Star()).from_("refusals")
    if ask.merges:
        each = exp.union(each, _of_merged(), distinct=False)
    everyone = exp.select(column("person_id"), named(exp.Max(this=column("wholly")), "wholly"))
    return [
        ("consents", consent.decisions(ask.file)),
        ("refusals", _refusals()),
        ("withdrawals", everyone.from_(each.subquery("everyone")).group_by("1")),
    ]


def join_withdrawals(ask: Question, query: exp.Select) -> exp.Select:
    """Join them to a query over `judged` and `prior`: who left is known where the key is a person."""
    person: exp.Expr = column("person_id", "judged")
    if ask.people and ask.file.key == ask.people.person:
        person = exp.Coalesce(this=person, expressions=[column("record_key", "prior")])
    same = exp.EQ(this=column("person_id", "withdrawals"), expression=person)
    return query.join(exp.to_table("withdrawals"), on=same, join_type="left")


def withdrew() -> exp.Expr:
    """True of a person in the model, who may not be sent, with a refusal."""
    return is_not_null(column("person_id", "withdrawals"))


def withdrew_and_left() -> exp.Expr:
    """True of a person who is not in the model, whatever the address that was delivered."""
    return exp.EQ(
        this=exp.Coalesce(this=column("wholly", "withdrawals"), expressions=[number(0)]), expression=number(1)
    )


def _refusals() -> exp.Select:
    whole = exp.and_(
        exp.EQ(this=column("contact_point"), expression=text("")),
        exp.EQ(this=column("refused"), expression=number(1)),
    )
    everywhere = exp.Max(this=exp.Case(ifs=[exp.If(this=whole, true=number(1))], default=number(0)))
    nothing = exp.EQ(this=exp.Max(this=column("granted")), expression=number(0))
    wholly = exp.Case(ifs=[exp.If(this=nothing, true=number(1))], default=everywhere)
    return (
        exp.select(column("person_id"), named(wholly, "wholly"))
        .from_("consents")
        .group_by("1")
        .having(exp.EQ(this=exp.Max(this=column("refused")), expression=number(1)))
    )


def _of_merged() -> exp.Select:
    aliases = exp.alias_(exp.table_("person_aliases", db="marts", quoted=True), "merged", table=True)
    same = exp.EQ(
        this=exp.cast(column("person_id", "merged"), "text"), expression=column("person_id", "refusals")
    )
    return (
        exp.select(exp.cast(column("alias_person_id", "merged"), "text"), column("wholly", "refusals"))
        .from_("refusals")
        .join(aliases, on=same)
    )
