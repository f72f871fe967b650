"""Work on many rows is done in little memory, and done again in more where that was too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from reverse_etl.errors import TooLittleMemory
from reverse_etl.warehouse import Connection, in_large
from reverse_etl.warehouse import duckdb as engine
from reverse_etl.warehouse.duckdb import DuckDBWarehouse

ROWS = 200_000
# To be put in order, the rows are held; what is held cannot be spilled while it is aggregated into one value.
WIDE = f"select list(repeat('x', 100) || i order by i desc) as whole from range({ROWS}) as r(i)"


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    """One that may hold as little as it can start with."""
    monkeypatch.setattr(engine, "LEAST_MIB", 8)
    return DuckDBWarehouse(tmp_path / "warehouse.duckdb", 1.0)


def test_what_takes_more_memory_than_it_was_given_is_done_anew_with_more(warehouse: DuckDBWarehouse) -> None:
    begun = 0

    def work(connection: Connection) -> int:
        nonlocal begun
        begun += 1
        connection.execute("create table held as select 1 as one")
        connection.execute(f"create table whole as {WIDE}")
        return int(connection.execute("select len(whole) from whole")[0][0])

    assert in_large(warehouse, work) == ROWS
    assert begun > 1
    with warehouse.connect() as connection:
        assert connection.execute("select count(*) from held") == [(1,)]


def test_rows_that_are_streamed_tell_of_too_little_memory_as_the_engine_does(
    warehouse: DuckDBWarehouse,
) -> None:
    with (
        pytest.raises(TooLittleMemory, match="ran out of memory"),
        warehouse.connect(large=True) as connection,
    ):
        list(connection.stream(WIDE))


def test_where_all_the_memory_was_too_little_it_is_told(warehouse: DuckDBWarehouse) -> None:
    begun: list[DuckDBWarehouse | None] = []

    def work(connection: Connection) -> None:
        begun.append(None)
        raise TooLittleMemory("too little")

    with pytest.raises(TooLittleMemory):
        in_large(warehouse, work)
    assert len(begun) == 3
