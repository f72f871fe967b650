"""Rows put in place of those with the same key, and rows taken away: what `ops` is written with.

Spark has no transaction over two statements, and Sail no subquery in a delete: there each is one `merge`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from reverse_etl.warehouse import Connection
from reverse_etl.warehouse.base import quote
from reverse_etl.warehouse.expressions import column, equals

MERGES = "spark"


def put_rows(
    connection: Connection,
    dialect: str,
    table: exp.Table,
    rows: exp.Select,
    *,
    columns: Sequence[str],
    key: str,
    within: Mapping[str, str],
) -> None:
    """Put rows in place of those with the same key.

    Args:
        rows: selects `columns`; one row a key.
        within: column → text: only rows that hold these are replaced; the new ones do, too.
    """
    if dialect == MERGES:
        names = [quote(name, dialect) for name in columns]
        updates = ", ".join(f"old.{name} = new.{name}" for name in names)
        values = ", ".join(f"new.{name}" for name in names)
        connection.execute(
            f"{_merge(table, rows, key, within)} when matched then update set {updates} "
            f"when not matched then insert ({', '.join(names)}) values ({values})"
        )
        return
    keys = exp.select(column(key)).from_(rows.copy().subquery("incoming"))
    take_rows(connection, dialect, table, keys, key=key, within=within)
    connection.execute(exp.insert(rows, table.copy(), columns=list(columns)).sql(dialect=dialect))


def take_rows(
    connection: Connection,
    dialect: str,
    table: exp.Table,
    keys: exp.Select,
    *,
    key: str,
    within: Mapping[str, str],
) -> None:
    """Delete the rows whose key the query gives, among those that hold what `within` says."""
    if dialect == MERGES:
        connection.execute(f"{_merge(table, keys.distinct(), key, within)} when matched then delete")
        return
    query = exp.delete(table.copy())
    for name, value in within.items():
        query = query.where(equals(name, value))
    query = query.where(exp.In(this=column(key), query=keys.subquery()))
    connection.execute(query.sql(dialect=dialect))


def set_column(
    connection: Connection,
    dialect: str,
    table: exp.Table,
    rows: exp.Select,
    *,
    column: str,
    keys: Sequence[str],
    within: Mapping[str, str],
) -> None:
    """Set a column to the rows' value where the keys are the same and the value is another.

    Args:
        rows: selects keys and column.
        within: as for `put_rows`.
    """
    own = {name: exp.column(name, table="old", quoted=True) for name in (*keys, column)}
    new = {name: exp.column(name, table="new", quoted=True) for name in own}
    same: list[exp.Expr] = [exp.EQ(this=own[name], expression=new[name]) for name in keys]
    same += [equals(name, value, "old") for name, value in within.items()]
    same.append(exp.NullSafeNEQ(this=own[column], expression=new[column]))
    into, using, on = (part.sql(dialect=dialect) for part in (table, rows, exp.and_(*same)))
    name, value = quote(column, dialect), new[column].sql(dialect=dialect)
    if dialect == MERGES:
        connection.execute(
            f"merge into {into} as old using ({using}) as new on {on} "
            f"when matched then update set old.{name} = {value}"
        )
    else:
        connection.execute(f"update {into} as old set {name} = {value} from ({using}) as new where {on}")


def _merge(table: exp.Table, rows: exp.Select, key: str, within: Mapping[str, str]) -> str:
    """A merge up to its `when`: the table is `old`, the rows are `new`."""
    same: list[exp.Expr] = [exp.EQ(this=column(key, "old"), expression=column(key, "new"))]
    same += [equals(name, value, "old") for name, value in within.items()]
    into, using, on = (part.sql(dialect=MERGES) for part in (table, rows, exp.and_(*same)))
    return f"merge into {into} as old using ({using}) as new on {on}"
