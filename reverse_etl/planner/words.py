"""Functions that DuckDB and PostgreSQL share, in the words of an engine that has them otherwise."""

from __future__ import annotations

from sqlglot import exp


def said_in(query: exp.Expr, dialect: str) -> str:
    """The tree as an engine's SQL."""
    if dialect == "spark":
        query = query.transform(_spark)
    return query.sql(dialect=dialect)


def _spark(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Anonymous) or node.name.lower() not in ("concat", "to_json"):
        return node
    # What is put in place of a node is not looked into any more.
    parts = [part.transform(_spark) for part in node.expressions]
    if node.name.lower() == "to_json":
        return _json_text(parts[0])
    # Spark's own is null where one part is.
    return exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(""), *parts])


def _json_text(value: exp.Expr) -> exp.Expr:
    """Spark makes JSON of structs alone: the text within `{"v":` and `}`; null where the value is."""
    whole = f"to_json(named_struct('v', {value.sql(dialect='spark')}))"
    inner = f"substring({whole}, 6, char_length({whole}) - 6)"
    return exp.Case(
        ifs=[exp.If(this=exp.not_(exp.Is(this=value.copy(), expression=exp.Null())), true=_raw(inner))]
    )


def _raw(sql: str) -> exp.Expr:
    return exp.Var(this=sql)
