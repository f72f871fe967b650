"""Searches all that a world left behind for what must not be there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reverse_etl.warehouse import Connection, Warehouse, open_warehouse
from reverse_etl.warehouse.base import qualified
from tests.reverse_etl.faults.world import FaultWorld
from tests.reverse_etl.world import TOKEN

PEOPLE = re.compile(r"canary\d|canary\.example|canaria\d|\+34600771\d", re.IGNORECASE)
# People may be in the tables that are declared to hold them, and in a plan's frozen rows.
DECLARED = {"activation", "marts"}


def find_leaks(world: FaultWorld, spoken: str = "") -> list[str]:
    """Where the token is, and where people are outside the declared places.

    Args:
        spoken: what was written to the terminal and to logs.
    """
    found = []
    for place, text, may_hold_people in _texts(world, spoken):
        if TOKEN in text:
            found.append(f"the token is in {place}")
        if not may_hold_people and PEOPLE.search(text):
            found.append(f"a person is in {place}")
    return found


def _texts(world: FaultWorld, spoken: str) -> Iterator[tuple[str, str, bool]]:
    yield "the terminal or a log", spoken, False
    yield "a report or an error", "\n".join(world.said), False
    for path in sorted(world.settings.home.rglob("*")):
        if not path.is_file():
            continue
        place = str(path.relative_to(world.settings.home))
        if path.suffix == ".parquet":
            yield f"{place}'s rows", str(pq.read_table(path).to_pylist()), True
        elif path.suffix == ".arrow":
            yield f"{place}'s rows", str(pa.ipc.open_file(path).read_all().to_pylist()), True
        elif path.name.startswith("journal.db"):
            yield place, path.read_bytes().decode(errors="replace"), False
        else:
            # The warehouse's files are read as tables below; of their bytes only the token is asked.
            own = path.name.startswith("warehouse.") or re.match(
                rf"spark/tables/({'|'.join(DECLARED)})/", place
            )
            yield place, path.read_bytes().decode(errors="replace"), bool(own)
    yield from _journal(world.settings.home / "journal.db")
    yield from _warehouse(world)


def _journal(path: Path) -> Iterator[tuple[str, str, bool]]:
    if not path.exists():
        return
    connection = sqlite3.connect(path)
    try:
        names = [
            name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        ]
        for name in names:
            yield f"the journal's {name}", str(connection.execute(f"select * from {name}").fetchall()), False
    except sqlite3.DatabaseError:
        return  # one that a test damaged; its bytes were searched
    finally:
        connection.close()


def _warehouse(world: FaultWorld) -> Iterator[tuple[str, str, bool]]:
    warehouse = open_warehouse(world.settings)
    with warehouse.connect() as connection:
        for schema, name in _tables(warehouse, connection):
            rows = connection.execute(f"select * from {qualified((schema, name), warehouse.dialect)}")
            yield f"{schema}.{name}", str(rows), schema in DECLARED


def _tables(warehouse: Warehouse, connection: Connection) -> list[tuple[str, str]]:
    if warehouse.dialect == "spark":
        schemas = [str(row[0]) for row in connection.execute("show databases")]
        return [(schema, name) for schema in schemas for name in connection.tables(schema)]
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema not in ('information_schema', 'pg_catalog')"
    )
    return [(str(schema), str(name)) for schema, name in found]
