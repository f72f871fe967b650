"""What a further source of the demo is: its tables, and who makes them out of the same people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from kith.demo.columns import Ints
from kith.demo.devices import Devices
from kith.demo.people import People
from kith.demo.sources.habits import Habits
from kith.demo.trade import RecentCarts
from kith.demo.truth import truth_rows

Named = dict[str, pa.Table]


@dataclass(frozen=True)
class World:
    """What has happened before any further source writes it down: a block of people and what they do."""

    people: People
    devices: Devices
    carts: RecentCarts
    habits: Habits

    @property
    def now(self) -> int:
        """The moment of the story."""
        return self.people.now

    def entity(self, owner: Ints) -> pa.Array:
        """The names in the truth of these people."""
        return self.people.entity.take(pa.array(owner))


@dataclass(frozen=True)
class Made:
    """The tables of a block, and the truth of their records."""

    tables: Named
    truth: pa.Table


def no_house(now: datetime) -> Named:
    """No rows that do not depend on the people."""
    return {}


@dataclass(frozen=True)
class Room:
    """One further source.

    Attributes:
        name: as `--sources` has it. source: whose raw schema the tables are of.
        number: of its random numbers; it never changes, so that no source changes another.
        tables: each with its columns.
        make: the tables of a block. house: rows that do not depend on the people, at a time.
        keys: of tables whose rows have another key than `id`.
    """

    name: str
    source: str
    number: int
    tables: Mapping[str, pa.Schema]
    make: Callable[[np.random.Generator, World], Made]
    house: Callable[[datetime], Named] = no_house
    keys: Mapping[str, str] | None = None


def records(world: World, source: str, kinds: Mapping[str, tuple[pa.Array, Ints]]) -> pa.Table:
    """The truth: kind of record → ids, and the rows of the people whose they are."""
    parts = [truth_rows(source, kind, ids, world.entity(owner)) for kind, (ids, owner) in kinds.items()]
    return pa.concat_tables(parts)
