"""Writes the demo's raw tables, block of people by block, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from kith.demo.ana import ENTITY, ana_tables, ana_truth
from kith.demo.clock import DEMO_NOW
from kith.demo.devices import Devices, make_devices
from kith.demo.hubspot import hubspot_tables
from kith.demo.mess import muddle
from kith.demo.people import People, make_people
from kith.demo.schemas import SCHEMAS, TRUTH
from kith.demo.segment import segment_tables
from kith.demo.shop import shop_tables
from kith.demo.shopify import shopify_tables
from kith.demo.sources import ROOMS, rooms
from kith.demo.sources.ana import ana_elsewhere
from kith.demo.sources.habits import make_habits
from kith.demo.sources.room import Room, World
from kith.demo.trade import RecentCarts, decide_consents, make_orders, make_recent_carts
from kith.demo.truth import Tables, block_truth
from kith.demo.visits import make_visits
from kith.demo.zendesk import zendesk_tables
from reverse_etl.errors import UsageError, WarehouseError

BLOCK = 10_000
MOST_PEOPLE = 50_000_000


@dataclass(frozen=True)
class GeneratedTable:
    """One raw table that was written."""

    schema: str
    table: str
    rows: int


@dataclass(frozen=True)
class GenerateReport:
    """What was written.

    Attributes:
        raw: the folder to load. truth: the file of source, record_type, record_id, entity_id.
        people: true people. truth_records: rows of the truth.
    """

    raw: Path
    truth: Path
    people: int
    seed: int
    now: datetime
    tables: list[GeneratedTable]
    rows: int
    truth_records: int


def generate(
    folder: Path,
    people: int = 5_000,
    seed: int = 1,
    now: datetime = DEMO_NOW,
    *,
    sources: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> GenerateReport:
    """Write `folder/raw/<schema>/<table>.parquet` and `folder/truth.csv`; what was there is replaced.

    The same people, seed and now give the same tables, whatever other sources there are. Memory does not
    grow with the number of people.

    Args:
        people: how many true people, Ana Ruiz among them.
        now: the moment up to which the story is told; aware.
        sources: further ones, of `kith.demo.sources.ROOMS`, beside the four that are always there.
        progress: called after each block with the number of people done.

    Raises:
        UsageError: people or seed out of range.
        WarehouseError: the folder cannot be written.
    """
    _check(people, seed)
    now = now.astimezone(UTC)
    try:
        further = rooms(sources)
        with _Writer(folder, further) as writer:
            writer.write(shop_tables(now))
            for room in further:
                writer.write({room.source: room.house(now)})
                tables, hers = ana_elsewhere(room, now)
                writer.write({room.source: tables})
                writer.write_truth(_ana_truth(hers))
            writer.write(ana_tables(now))
            writer.write_truth(_ana_truth(ana_truth()))
            for first in range(1, people, BLOCK):
                count = min(BLOCK, people - first)
                for tables, truth in make_blocks(seed, first, count, now, further):
                    writer.write(tables)
                    writer.write_truth(truth)
                if progress:
                    progress(first + count)
        counts = writer.counts
    except OSError as error:
        raise WarehouseError(
            f"{folder} cannot be written: {error.strerror or type(error).__name__}.",
            "Free some space or choose another KITH_HOME, and run again.",
        ) from error
    made = [GeneratedTable(schema, table, rows) for (schema, table), rows in counts.items()]
    return GenerateReport(
        raw=folder / "raw",
        truth=folder / "truth.csv",
        people=people,
        seed=seed,
        now=now,
        tables=made,
        rows=sum(table.rows for table in made),
        truth_records=writer.truth_records,
    )


def make_blocks(
    seed: int, first: int, count: int, now: datetime, further: Sequence[Room] = ()
) -> Iterator[tuple[Tables, pa.Table]]:
    """Schema → table → rows of the people `first` … `first + count − 1`, and their truth.

    The four of the core come first, then each further source by itself.
    """
    rng = np.random.Generator(np.random.PCG64([seed, first]))
    people = make_people(rng, first, count, int(now.timestamp() * 1_000_000))
    devices = make_devices(rng, people)
    carts = make_recent_carts(rng, people, devices)
    decide_consents(rng, people, carts)
    yield _core(rng, people, devices, carts)
    if further:
        habits = make_habits(np.random.Generator(np.random.PCG64([seed, first, 1])), people)
        world = World(people, devices, carts, habits)
        for room in further:
            yield _made(np.random.Generator(np.random.PCG64([seed, first, room.number])), world, room)


def _core(
    rng: np.random.Generator, people: People, devices: Devices, carts: RecentCarts
) -> tuple[Tables, pa.Table]:
    orders = make_orders(rng, people, devices, carts)
    visits = make_visits(rng, people, devices, carts, orders)
    tables: Tables = {
        "segment": segment_tables(rng, people, devices, visits),
        "shopify": shopify_tables(rng, people, devices, orders, visits),
        "hubspot": hubspot_tables(rng, people),
        "zendesk": zendesk_tables(rng, people),
    }
    truth = block_truth(people, devices, tables)
    muddled = {
        schema: {name: muddle(rng, name, rows) for name, rows in found.items()}
        for schema, found in tables.items()
    }
    return muddled, truth


def _made(rng: np.random.Generator, world: World, room: Room) -> tuple[Tables, pa.Table]:
    made, keys = room.make(rng, world), room.keys or {}
    muddled = {name: muddle(rng, name, rows, keys.get(name, "id")) for name, rows in made.tables.items()}
    return {room.source: muddled}, made.truth


def _check(people: int, seed: int) -> None:
    if not 1 <= people <= MOST_PEOPLE:
        raise UsageError(f"--people is {people}.", f"Give a number from 1 to {MOST_PEOPLE}.")
    if not 0 <= seed < 2**63:
        raise UsageError(f"--seed is {seed}.", "Give a whole number that is not negative.")


def _ana_truth(records: Sequence[tuple[str, str, str]]) -> pa.Table:
    rows = [(*record, ENTITY) for record in records]
    return pa.Table.from_pylist([dict(zip(TRUTH.names, row, strict=True)) for row in rows], TRUTH)


class _Writer:
    """One open Parquet file a table; they take their names only when all is written."""

    def __init__(self, folder: Path, further: Sequence[Room]) -> None:
        self.folder = folder
        self.tables = {
            (schema, name): found for schema, tables in SCHEMAS.items() for name, found in tables.items()
        }
        self.tables |= {(room.source, name): found for room in further for name, found in room.tables.items()}
        self.counts: dict[tuple[str, str], int] = {}
        self.truth_records = 0
        self._open = ExitStack()
        self._files: dict[tuple[str, str], pq.ParquetWriter] = {}
        self._paths: list[Path] = []

    def __enter__(self) -> _Writer:
        for (schema, name), columns in self.tables.items():
            path = self._part(self.folder / "raw" / schema / f"{name}.parquet")
            # Without Arrow's own schema inside, a reader sees plain Parquet types.
            file = pq.ParquetWriter(path, columns, compression="zstd", store_schema=False)
            self._files[schema, name] = self._open.enter_context(file)
            self.counts[schema, name] = 0
        self._truth = self._open.enter_context(pacsv.CSVWriter(self._part(self.folder / "truth.csv"), TRUTH))
        return self

    def write(self, tables: Tables) -> None:
        """Add rows to the tables."""
        for schema, found in tables.items():
            for name, rows in found.items():
                self.counts[schema, name] += rows.num_rows
                if rows.num_rows:
                    self._files[schema, name].write_table(rows)

    def write_truth(self, rows: pa.Table) -> None:
        """Add rows to the truth."""
        self._truth.write_table(rows)
        self.truth_records += rows.num_rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is None:
            self._forget_others()
        for path in self._paths:
            if kind is None:
                path.replace(path.with_suffix(""))
            else:
                path.unlink(missing_ok=True)

    def _forget_others(self) -> None:
        """Remove what a former run with more sources left."""
        for room in ROOMS.values():
            for name in room.tables:
                if (room.source, name) not in self.tables:
                    (self.folder / "raw" / room.source / f"{name}.parquet").unlink(missing_ok=True)

    def _part(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        self._paths.append(part)
        return part
