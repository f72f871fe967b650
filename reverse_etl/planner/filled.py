"""Which fields of a sync are null in no row of its model: their payloads are rendered in half the time."""

from __future__ import annotations

from sqlglot import exp

from reverse_etl.planner import render
from reverse_etl.planner.question import Question
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column

# Rows to render from which on the question pays.
MANY = 50_000


def filled_fields(connection: Connection, ask: Question, rendered: int) -> frozenset[str]:
    """The fields; none where few rows are rendered.

    Args:
        rendered: about how many rows.
    """
    if rendered < MANY:
        return frozenset()
    texts = [_text(ask, rule.from_) for rule in ask.rules.values()]
    query = exp.select(exp.Count(this=exp.Star()), *(exp.Count(this=text) for text in texts))
    rows, *counts = connection.execute(ask.render(query.from_(ask.source)))[0]
    return frozenset(name for name, count in zip(ask.rules, counts, strict=True) if count == rows)


def _text(ask: Question, name: str) -> exp.Expr:
    """Null where the field's text is, and as cheap as that can be told."""
    kind = ask.columns[name]
    return column(name) if render.is_plain(kind) else render.text_of(column(name), kind, ask.dialect)
