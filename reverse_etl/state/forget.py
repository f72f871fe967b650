"""Forgets what was acknowledged, so that the next plan compares anew, and values of people who are erased."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from reverse_etl.state import tables
from reverse_etl.state.undo import forget_undo
from reverse_etl.warehouse import Warehouse
from reverse_etl.warehouse.expressions import column, equals, text


def forget_acknowledged(warehouse: Warehouse, sync: str, destination: str, fields: Sequence[str]) -> int:
    """Make every record of the sync a changed one; how many. What was learned of ids is kept.

    Args:
        fields: those that are ours to write once more, whoever edited them there.
    """
    with warehouse.connect() as connection:
        tables.ensure_tables(connection, warehouse.dialect)
        mine = exp.and_(
            equals("sync", sync),
            equals("destination", destination),
            column("status").isin("delivered", "absent"),
        )
        counted = exp.select(exp.Count(this=exp.Star())).from_(tables.table(tables.RECORDS)).where(mine)
        number = int(connection.execute(counted.sql(dialect=warehouse.dialect))[0][0])
        values: dict[str, object] = {"digest": text(tables.RESYNC), "mark": exp.Null()}
        if fields:
            values["retaken"] = text(",".join(fields))
        query = exp.update(tables.table(tables.RECORDS), values, where=mine.copy())
        connection.execute(query.sql(dialect=warehouse.dialect))
    return number


def forget_values(home: Path, keys: Collection[str]) -> int:
    """Take what is kept of these records out of KITH_HOME/undo and KITH_HOME/plans; in how many files it was.

    The files are written anew, so that nothing is left in what they leave free.

    Args:
        keys: of records, and of people.
    """
    touched = sum(forget_undo(path, keys) for path in sorted((home / "undo").glob("*.db")))
    frozen = sorted((home / "plans").glob("*/changes-*.parquet"))
    return touched + sum(_forget_frozen(path, keys) for path in frozen)


def _forget_frozen(path: Path, keys: Collection[str]) -> bool:
    rows = pq.read_table(path)
    named = pa.array(sorted(keys), pa.string())
    theirs = pc.or_(
        pc.is_in(rows.column("record_key"), named),
        pc.fill_null(pc.is_in(rows.column("person_id"), named), False),
    )
    if not pc.any(theirs).as_py():
        return False
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        pq.write_table(rows.filter(pc.invert(theirs)), file)
    partial.replace(path)
    return True
