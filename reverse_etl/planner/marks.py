"""Marks of the model's rows: cheap hashes by the engine itself, which say what need not be rendered.

A mark stands in the state beside the digest of the same values. While it is the same, so are the values, and
the digest. It says nothing when it is another: engines change their hashes from version to version, and then
digests are compared, and the marks of what is unchanged are renewed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection

from sqlglot import exp

from reverse_etl.planner import render
from reverse_etl.planner.filled import filled_fields
from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.state.writing import set_column
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals, named, number, text

# Keys whose digest has to be made, and those digests with the marks of the same rows.
PENDING = "kith_pending"
DIGESTS = "kith_digests"
HASHED = ("duckdb", "postgres")  # engines for which `row_mark` has a hash


def row_mark(ask: Question, table: str | None = None) -> exp.Expr:
    """A whole number, null where the engine has no hash for it.

    It is of the values that are mapped and of all that decides how they are written. 64 bits are enough to
    tell a record from what it was before: it is never compared with another record's.
    """
    columns = list(dict.fromkeys(rule.from_ for rule in ask.rules.values()))
    kinds = [ask.columns[name] for name in columns]
    form = json.dumps([ask.engine_version, ask.salt, ask.mapping, render.DIGEST_VERSION, kinds])
    stamp = text(hashlib.sha256(form.encode()).hexdigest())
    values = [_exact(column(name, table), kind) for name, kind in zip(columns, kinds, strict=True)]
    if ask.dialect == "duckdb":
        whole = exp.Anonymous(this="hash", expressions=[stamp, *values])
        return exp.cast(exp.Paren(this=exp.BitwiseRightShift(this=whole, expression=number(1))), "bigint")
    if ask.dialect == "postgres":
        row = exp.cast(exp.Anonymous(this="row", expressions=[stamp, *values]), "text")
        return exp.Anonymous(this="hashtextextended", expressions=[row, number(0)])
    return exp.cast(exp.Null(), "bigint")


def _exact(value: exp.Expr, type_name: str) -> exp.Expr:
    """Values that are equal and written otherwise, as 0.0 and -0.0, are told apart by their text."""
    kind = type_name.lower()
    exact = render.is_plain(kind) and not kind.startswith(("double", "float", "real"))
    return value if exact or kind in ("varchar", "text") else exp.cast(value, "text")


def make_digests(connection: Connection, ask: Question, rows: int) -> None:
    """The digests of rows that the state knows otherwise, or that wait for their next try: table DIGESTS.

    Args:
        rows: the model's.
    """
    connection.keep(PENDING, ask.render(exp.union(_other(ask), _waiting(ask), distinct=False)))
    pending = connection.execute(f"select count(*) from {PENDING}")[0][0]
    # To look up most rows costs more than to digest all.
    filled = filled_fields(connection, ask, pending)
    query = digested(ask, only_pending=pending * 2 < rows, filled=filled)
    connection.keep(DIGESTS, ask.render(query))
    connection.drop(PENDING)


def _key(ask: Question, table: str | None = None) -> exp.Expr:
    return exp.cast(column(ask.file.key, table), "text")


def _other(ask: Question) -> exp.Select:
    """Keys that the state has with another mark than the model's row, or with none."""
    marked = exp.select(named(_key(ask), "record_key"), named(row_mark(ask), "mark")).from_(ask.source)
    same = exp.EQ(this=column("record_key", "known"), expression=column("record_key", "marked"))
    other = exp.or_(
        exp.Is(this=column("mark", "known"), expression=exp.Null()),
        exp.NEQ(this=column("mark", "known"), expression=column("mark", "marked")),
    )
    known = _mine(exp.select(column("record_key"), column("mark")), ask, tables.RECORDS)
    return (
        exp.select(column("record_key", "known"))
        .from_(marked.subquery("marked"))
        .join(known.subquery("known"), on=same)
        .where(other)
        .where(exp.not_(exp.In(this=column("record_key", "known"), query=_waiting(ask).subquery())))
    )


def _waiting(ask: Question) -> exp.Select:
    return _mine(exp.select(column("record_key")).distinct(), ask, tables.REJECTS)


def digested(ask: Question, *, only_pending: bool = False, filled: Collection[str] = ()) -> exp.Select:
    """record_key, digest and mark of the model's rows, or of those in PENDING alone."""
    query = exp.select(
        named(_key(ask, "model"), "record_key"),
        *render.texts(ask.rules, ask.columns, ask.dialect, "model"),
        named(row_mark(ask, "model"), "mark"),
    ).from_(exp.alias_(ask.source, "model", table=True))
    if only_pending:
        same = exp.EQ(this=_key(ask, "model"), expression=column("record_key", "pending"))
        query = query.join(exp.alias_(exp.to_table(PENDING), "pending", table=True), on=same)
    texts = [column(f"text_{n}") for n in range(len(ask.rules))]
    digest = render.digest(ask.salt, render.payload(ask.rules, ask.columns, texts, filled))
    return exp.select(column("record_key"), named(digest, "digest"), column("mark")).from_(
        query.subquery("rendered")
    )


def renew_marks(connection: Connection, ask: Question) -> None:
    """Give the records whose digest is unchanged the mark of their row."""
    if ask.dialect not in HASHED:
        return
    within = {"sync": ask.sync, "destination": ask.destination, "mapping": ask.mapping}
    within |= {"digest_version": render.DIGEST_VERSION}
    names = ("record_key", "digest", "mark")
    rows = exp.select(*map(column, names)).from_(exp.to_table(DIGESTS))
    set_column(
        connection,
        ask.dialect,
        tables.table(tables.RECORDS),
        rows,
        column="mark",
        keys=("record_key", "digest"),
        within=within,
    )


def _mine(query: exp.Select, ask: Question, table: str) -> exp.Select:
    query = query.from_(tables.table(table)).where(equals("sync", ask.sync))
    return query.where(equals("destination", ask.destination))
