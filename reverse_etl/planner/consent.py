"""Who may be sent: people whose consent to purpose and channel stands in `marts.consents`; else nobody.

A decision about one contact point covers that address alone; one without a contact point covers the person.
A refusal of either outweighs any grant.
"""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.config import SyncFile


def contact_key(file: SyncFile, address: exp.Expr) -> exp.Expr:
    """The address as it is compared, as the models' match keys are: Gmail takes dots and +suffixes away."""
    lowered = exp.func("lower", exp.func("trim", exp.cast(address, "text")))
    if file.channel != "email":
        return lowered
    name = exp.func("split_part", lowered, exp.Literal.string("@"), exp.Literal.number(1))
    before_plus = exp.func("split_part", name, exp.Literal.string("+"), exp.Literal.number(1))
    bare = exp.func("replace", before_plus, exp.Literal.string("."), exp.Literal.string(""))
    folded = exp.DPipe(this=bare, expression=exp.Literal.string("@gmail.com"))
    at_gmail = exp.or_(
        *(
            exp.Like(this=lowered.copy(), expression=exp.Literal.string(f"%@{domain}"))
            for domain in ("gmail.com", "googlemail.com")
        )
    )
    return exp.Case(ifs=[exp.If(this=at_gmail, true=folded)], default=lowered.copy())


def decisions(file: SyncFile) -> exp.Select:
    """One row per person and contact point ('' covers the person): granted, refused (0 or 1)."""
    filled = exp.Coalesce(
        this=contact_key(file, _column("contact_point")), expressions=[exp.Literal.string("")]
    )
    granted = exp.EQ(this=_column("state"), expression=exp.Literal.string("granted"))
    return (
        exp.select(
            exp.alias_(exp.cast(_column("person_id"), "text"), "person_id", quoted=True),
            exp.alias_(filled, "contact_point", quoted=True),
            exp.alias_(exp.Max(this=_flag(granted, "1", "0")), "granted", quoted=True),
            exp.alias_(exp.Max(this=_flag(granted.copy(), "0", "1")), "refused", quoted=True),
        )
        .from_(exp.table_("consents", db="marts", quoted=True))
        .where(exp.EQ(this=_column("purpose"), expression=exp.Literal.string(file.purpose or "")))
        .where(exp.EQ(this=_column("channel"), expression=exp.Literal.string(file.channel or "")))
        .group_by("1", "2")
    )


def granted_people(file: SyncFile) -> exp.Select:
    """One number: the people who consent, at any address."""
    person = exp.Count(this=exp.Distinct(expressions=[_column("person_id")]))
    return (
        exp.select(person)
        .from_("consents")
        .where(exp.EQ(this=_column("granted"), expression=exp.Literal.number(1)))
        .with_("consents", as_=decisions(file))
    )


def join_decisions(query: exp.Select, rows: str, has_contact: bool) -> exp.Select:
    """Join the decisions on the person, and on the row's address, to a query over alias `rows`.

    The alias has columns person_id and contact_point; `consents` must be a CTE of `decisions`.
    """
    if not has_contact:
        whole = (
            exp.select(
                exp.column("person_id", quoted=True),
                exp.alias_(exp.Max(this=_column("granted")), "granted", quoted=True),
                exp.alias_(exp.Max(this=_column("refused")), "refused", quoted=True),
            )
            .from_("consents")
            .group_by("1")
        )
        return query.join(whole.subquery("person"), on=_same_person("person", rows), join_type="left")
    address = exp.EQ(this=_column("contact_point", "address"), expression=_column("contact_point", rows))
    everywhere = exp.EQ(this=_column("contact_point", "person"), expression=exp.Literal.string(""))
    return query.join(
        exp.alias_(exp.to_table("consents"), "address", table=True),
        on=exp.and_(_same_person("address", rows), address),
        join_type="left",
    ).join(
        exp.alias_(exp.to_table("consents"), "person", table=True),
        on=exp.and_(_same_person("person", rows), everywhere),
        join_type="left",
    )


def allowed(rows: str, has_contact: bool) -> exp.Expr:
    """True where the joined decisions permit the row. A row without an address is not permitted."""
    person = (_zero("granted", "person"), _zero("refused", "person"))
    if not has_contact:
        return exp.and_(_is(person[0], "1"), _is(person[1], "0"))
    granted = exp.Coalesce(
        this=_column("granted", "address"),
        expressions=[_column("granted", "person"), exp.Literal.number(0)],
    )
    there = exp.not_(exp.Is(this=_column("contact_point", rows), expression=exp.Null()))
    return exp.and_(there, _is(granted, "1"), _is(_zero("refused", "address"), "0"), _is(person[1], "0"))


def _column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _same_person(alias: str, rows: str) -> exp.Expr:
    return exp.EQ(this=_column("person_id", alias), expression=_column("person_id", rows))


def _zero(name: str, table: str) -> exp.Expr:
    return exp.Coalesce(this=_column(name, table), expressions=[exp.Literal.number(0)])


def _is(value: exp.Expr, number: str) -> exp.Expr:
    return exp.EQ(this=value, expression=exp.Literal.number(number))


def _flag(condition: exp.Expr, yes: str, no: str) -> exp.Case:
    return exp.Case(
        ifs=[exp.If(this=condition, true=exp.Literal.number(yes))], default=exp.Literal.number(no)
    )
