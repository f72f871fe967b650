"""The few sqlglot trees that every query is made of: quoted names, tests, literals."""

from __future__ import annotations

from sqlglot import exp


def column(name: str, table: str | None = None) -> exp.Column:
    """A quoted column."""
    return exp.column(name, table=table, quoted=True)


def named(value: exp.Expr, name: str) -> exp.Expr:
    """`value as "name"`."""
    return exp.alias_(value, name, quoted=True)


def text(value: str) -> exp.Literal:
    """A text literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """A whole number."""
    return exp.Literal.number(value)


def equals(name: str, value: str, table: str | None = None) -> exp.Expr:
    """True where the column holds the text."""
    return exp.EQ(this=column(name, table), expression=text(value))


def is_null(value: exp.Expr) -> exp.Expr:
    """True where there is no value."""
    return exp.Is(this=value, expression=exp.Null())


def is_not_null(value: exp.Expr) -> exp.Expr:
    """True where there is a value."""
    return exp.not_(is_null(value))
