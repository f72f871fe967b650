"""The rows that a plan pins, as queries: what is taken back, and what is written, rendered.

To join the plan with its model, an engine holds the plan's rows. Those that say nothing of their own are not
asked for: columns that are null, what is in the model, and all, where every row of the model is new.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from reverse_etl.planner import consent, render
from reverse_etl.planner.filled import filled_fields
from reverse_etl.planner.marks import row_mark
from reverse_etl.planner.question import Question
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, is_null, named, number, text

KEPT = (
    *("record_key", "operation", "person_id", "contact_point", "destination_id", "digest"),
    *("replaces", "former", "survivor"),
)
REMEMBERED = ("fingerprints", "prior_fields", "retaken")
NAMES = (*KEPT, *REMEMBERED, "status")
OF_MODEL = ("record_key", "person_id", "contact_point")
STATED = tuple(name for name in NAMES if name not in (*OF_MODEL, "operation", "status"))
WRITTEN = ("upsert", "event", "keep")


@dataclass(frozen=True)
class _Told:
    """What the plan tells of the rows to write.

    Attributes:
        said: the columns of STATED that are not null in every row.
        same: operation and status, where all rows of the model are written and have these, but for those
            that the plan names otherwise.
    """

    said: frozenset[str]
    same: dict[str, str]


def pinned(connection: Connection, ask: Question, table: str, model_rows: int) -> tuple[exp.Select, ...]:
    """Removals first, so that a unique value is free before another record takes it.

    Args:
        table: the plan's.
        model_rows: how many there are.
    """
    told, written = _told(connection, ask, table, model_rows)
    if told.same:
        connection.pass_on()
    return _removed(ask, table), _written(ask, table, filled_fields(connection, ask, written), told)


def _told(connection: Connection, ask: Question, table: str, model_rows: int) -> tuple[_Told, int]:
    """With how many rows are written."""

    def of_written(value: exp.Expr) -> exp.Case:
        return exp.Case(ifs=[exp.If(this=column("operation").isin(*WRITTEN), true=value)])

    kinds = [of_written(column(name)) for name in ("operation", "status")]
    query = exp.select(
        *(extreme(this=kind.copy()) for kind in kinds for extreme in (exp.Min, exp.Max)),
        exp.Count(this=of_written(number(1))),
        exp.Count(this=exp.Case(ifs=[exp.If(this=_left_out(), true=number(1))])),
        *(exp.Count(this=of_written(column(name))) for name in STATED),
    )
    found = connection.execute(ask.render(query.from_(table)))[0]
    least, most, first, last, written, left_out, *counts = found
    said = frozenset(name for name, count in zip(STATED, counts, strict=True) if count)
    alike = least == most and first == last and not said and written + left_out == model_rows
    return _Told(said, {"operation": least, "status": first} if alike and written else {}), int(written)


def _left_out() -> exp.Expr:
    """True of the plan's rows that are in the model and are not written."""
    unwritten = exp.or_(is_null(column("operation")), exp.not_(column("operation").isin(*WRITTEN)))
    return exp.and_(column("in_model"), unwritten)


def _written(ask: Question, table: str, filled: Collection[str], told: _Told) -> exp.Select:
    """What is written; of the model, only those rows are rendered."""
    values = [named(column(rule.from_, "model"), f"value_{n}") for n, rule in enumerate(ask.rules.values())]
    rows = exp.select(
        *_states(ask, told),
        *render.texts(ask.rules, ask.columns, ask.dialect, "model"),
        named(row_mark(ask, "model"), "mark"),
        *(values if ask.snapshot else ()),
    ).from_(exp.alias_(ask.source, "model", table=True))
    rendered = [column(f"text_{n}") for n in range(len(ask.rules))]
    digests = render.field_digests(ask.salt, list(ask.rules), rendered)
    if ask.snapshot:
        digests = exp.Case(ifs=[exp.If(this=column("status").isin("new", "changed"), true=digests)])
    payload = render.payload(ask.rules, ask.columns, rendered, filled)
    digest = exp.Coalesce(this=column("digest"), expressions=[render.digest(ask.salt, payload)])
    return exp.select(
        *[column(name) if name != "digest" else named(digest, name) for name in NAMES],
        *[column(f"value_{n}") for n in range(len(ask.rules)) if ask.snapshot],
        named(payload, "payload"),
        named(digests, "field_digests"),
        column("mark"),
    ).from_(_of_plan(ask, rows, table, told).subquery("joined"))


def _states(ask: Question, told: _Told) -> list[exp.Expr]:
    """The columns NAMES, from the plan's row, alias `planned`, or from the model's."""
    known: dict[str, exp.Expr] = {
        "record_key": exp.cast(column(ask.file.key, "model"), "text"),
        **consent.of_row(ask.file, ask.people, "model"),
        **{name: exp.cast(exp.Null(), "text") for name in STATED if name not in told.said},
        **{name: text(value) for name, value in told.same.items()},
    }
    return [named(known.get(name) or column(name, "planned"), name) for name in NAMES]


def _of_plan(ask: Question, rows: exp.Select, table: str, told: _Told) -> exp.Select:
    """Of the model's rows, those that are written."""
    key = exp.cast(column(ask.file.key, "model"), "text")
    same = exp.EQ(this=key, expression=column("record_key", "planned"))
    if told.same:
        others = exp.select(column("record_key")).from_(table).where(_left_out()).subquery("planned")
        return rows.join(others, on=same, join_type="left").where(is_null(column("record_key", "planned")))
    planned = exp.alias_(exp.to_table(table), "planned", table=True)
    return rows.join(planned, on=same).where(column("operation", "planned").isin(*WRITTEN))


def _removed(ask: Question, table: str) -> exp.Select:
    """Rows of the plan that are taken back: nothing of the model."""
    empty = exp.cast(exp.Null(), "text")
    values = [
        named(
            exp.cast(exp.Null(), exp.DataType.build(ask.columns[rule.from_], dialect=ask.dialect)),
            f"value_{n}",
        )
        for n, rule in enumerate(ask.rules.values())
    ]
    return (
        exp.select(
            *map(column, NAMES),
            *(values if ask.snapshot else ()),
            named(empty, "payload"),
            named(empty.copy(), "field_digests"),
            named(exp.cast(exp.Null(), "bigint"), "mark"),
        )
        .from_(table)
        .where(exp.not_(column("operation").isin(*WRITTEN)))
    )
