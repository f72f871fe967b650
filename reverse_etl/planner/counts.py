"""A plan's figures, read off its table."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from reverse_etl.planner import consent
from reverse_etl.planner.keys import delivered_before
from reverse_etl.planner.merges import REKEYED
from reverse_etl.planner.question import Question
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.expressions import column, equals


def count_facts(connection: Connection, ask: Question, table: str, rows: int) -> dict[str, Any]:
    """The counts and reasons of a `Plan`.

    Args:
        table: the plan's table.
        rows: the model's rows.
    """
    grouped = (
        exp.select(column("status"), column("reason"), column("in_model"), exp.Count(this=exp.Star()))
        .from_(table)
        .group_by("1", "2", "3")
        .order_by("1", "2", "3")
    )
    counts = [(str(s), str(r), bool(m), int(n)) for s, r, m, n in connection.execute(ask.render(grouped))]

    def total(status: str) -> int:
        return sum(n for found, _, _, n in counts if found == status)

    def reasons(status: str) -> dict[str, int]:
        told: dict[str, int] = {}
        for found, reason, _, n in counts:
            if found == status:
                told[reason] = told.get(reason, 0) + n
        return told

    touched = sum(n for status, _, in_model, n in counts if in_model and status != "unchanged")
    return {
        "rows": rows,
        "delivered_before": delivered_before(connection, ask),
        "granted": _granted(connection, ask),
        "notes": _notes(connection, ask),
        "new": total("new"),
        "changed": total("changed"),
        "removed": total("removed"),
        "left": total("left"),
        "unchanged": rows - touched,
        "remapped": _remapped(connection, ask, table),
        "rekeyed": reasons("changed").get(REKEYED, 0),
        "resync": _marked(connection, ask, table, tables.RESYNC),
        "undone": _marked(connection, ask, table, tables.UNDONE),
        "held": reasons("held"),
        "removed_reasons": reasons("removed"),
    }


def _marked(connection: Connection, ask: Question, table: str, mark: str) -> int:
    """Records to send, or to remove, whose digest was replaced by the mark."""
    query = (
        exp.select(exp.Count(this=exp.Star()))
        .from_(table)
        .where(equals("prior_digest", mark))
        .where(column("status").isin("new", "changed", "removed"))
    )
    return int(connection.execute(ask.render(query))[0][0])


def _granted(connection: Connection, ask: Question) -> int | None:
    if ask.people is None:
        return None
    return int(connection.execute(ask.render(consent.granted_people(ask.file)))[0][0])


def _notes(connection: Connection, ask: Question) -> list[str]:
    """A purpose or channel that is mistyped would hold everyone without a word."""
    if ask.people is None:
        return []
    pairs = connection.execute(ask.render(consent.known_pairs()))
    told = consent.unheard_of(ask.file, {(str(purpose), str(channel)) for purpose, channel in pairs})
    return [told] if told else []


def _remapped(connection: Connection, ask: Question, table: str) -> int:
    """Changed records whose digests before tell nothing: the mapping or the digest's version is another."""
    query = exp.select(exp.Count(this=exp.Star()), exp.Count(this=column("prior_fields"))).from_(table)
    total, comparable = connection.execute(ask.render(query.where(equals("status", "changed"))))[0]
    return int(total) - int(comparable)
