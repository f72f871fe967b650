"""Who may be sent: people whose consent to purpose and channel stands in `marts.consents`; else nobody.

A decision about one contact point covers that address alone; one without a contact point covers the person.
A refusal of either outweighs any grant.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from reverse_etl.config import SyncFile
from reverse_etl.config.people import People
from reverse_etl.config.problems import nearest
from reverse_etl.warehouse.expressions import column, equals, is_not_null, named


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


def of_row(file: SyncFile, people: People | None, table: str | None = None) -> dict[str, exp.Expr]:
    """person_id and contact_point of a row of the model; null where it has none."""
    person = people.person if people else None
    contact = people.contact if people else None
    return {
        "person_id": exp.cast(column(person, table) if person else exp.Null(), "text"),
        "contact_point": contact_key(file, column(contact, table))
        if contact
        else exp.cast(exp.Null(), "text"),
    }


def _asked(file: SyncFile) -> exp.Select:
    """Of `marts.consents`, what is about the sync's purpose and channel, without columns."""
    return (
        exp.Select()
        .from_(exp.table_("consents", db="marts", quoted=True))
        .where(equals("purpose", file.purpose or ""))
        .where(equals("channel", file.channel or ""))
    )


def decisions(file: SyncFile) -> exp.Select:
    """One row per person and contact point ('' covers the person): granted, refused (0 or 1)."""
    filled = exp.Coalesce(
        this=contact_key(file, column("contact_point")), expressions=[exp.Literal.string("")]
    )
    granted = equals("state", "granted")
    chosen = [
        named(exp.cast(column("person_id"), "text"), "person_id"),
        named(filled, "contact_point"),
        named(exp.Max(this=_flag(granted, "1", "0")), "granted"),
        named(exp.Max(this=_flag(granted.copy(), "0", "1")), "refused"),
    ]
    return _asked(file).select(*chosen).group_by("1", "2")


def granted_people(file: SyncFile) -> exp.Select:
    """One number: the people who consent, at any address."""
    person = exp.Count(this=exp.Distinct(expressions=[column("person_id")]))
    return _asked(file).select(person).where(equals("state", "granted"))


def known_pairs() -> exp.Select:
    """Each purpose and channel that anybody ever decided on."""
    return (
        exp.select(column("purpose"), column("channel"))
        .distinct()
        .from_(exp.table_("consents", db="marts", quoted=True))
        .where(is_not_null(column("purpose")))
        .where(is_not_null(column("channel")))
    )


def unheard_of(file: SyncFile, known: Collection[tuple[str, str]]) -> str | None:
    """What is told when nobody ever decided on the sync's purpose and channel, which holds everyone back.

    None when somebody did, or when nobody decided on anything.

    Args:
        known: purpose and channel of every decision.
    """
    if not known or (file.purpose, file.channel) in known:
        return None
    channels = {channel for purpose, channel in known if purpose == file.purpose}
    if not channels:
        hint = nearest(str(file.purpose), {purpose for purpose, _ in known})
        return f"marts.consents has nothing of purpose `{file.purpose}`, so that nobody may be sent.{hint}"
    return (
        f"marts.consents has nothing of purpose `{file.purpose}` by channel `{file.channel}`, so that nobody "
        f"may be sent.{nearest(str(file.channel), channels)}"
    )


def join_decisions(query: exp.Select, rows: str, has_contact: bool) -> exp.Select:
    """Join the decisions on the person, and on the row's address, to a query over alias `rows`.

    The alias has columns person_id and contact_point; `consents` must be a CTE of `decisions`.
    """
    if not has_contact:
        whole = (
            exp.select(
                column("person_id"),
                named(exp.Max(this=column("granted")), "granted"),
                named(exp.Max(this=column("refused")), "refused"),
            )
            .from_("consents")
            .group_by("1")
        )
        return query.join(whole.subquery("person"), on=_same_person("person", rows), join_type="left")
    address = exp.EQ(this=column("contact_point", "address"), expression=column("contact_point", rows))
    everywhere = equals("contact_point", "", "person")
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
        this=column("granted", "address"),
        expressions=[column("granted", "person"), exp.Literal.number(0)],
    )
    there = is_not_null(column("contact_point", rows))
    return exp.and_(there, _is(granted, "1"), _is(_zero("refused", "address"), "0"), _is(person[1], "0"))


def _same_person(alias: str, rows: str) -> exp.Expr:
    return exp.EQ(this=column("person_id", alias), expression=column("person_id", rows))


def _zero(name: str, table: str) -> exp.Expr:
    return exp.Coalesce(this=column(name, table), expressions=[exp.Literal.number(0)])


def _is(value: exp.Expr, number: str) -> exp.Expr:
    return exp.EQ(this=value, expression=exp.Literal.number(number))


def _flag(condition: exp.Expr, yes: str, no: str) -> exp.Case:
    return exp.Case(
        ifs=[exp.If(this=condition, true=exp.Literal.number(yes))], default=exp.Literal.number(no)
    )
