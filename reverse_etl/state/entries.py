"""What the journal is told and tells, one batch or one run at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pyarrow as pa

# Operations of a record for which nothing was sent → its status in ops.sync_records.
SKIPPED = {"there": "there", "absent": "absent"}
MERGED = "merged"  # its record carries on as another one's
ABSORBED = "merge"  # its record went into another one's, at the destination
MOVED = "moved"  # took others' in, has another id there by now, and was not written: it will be
UNCOUNTED = (MERGED, MOVED, *SKIPPED)  # nothing of theirs counts as delivered

# What is kept of an acknowledged record. `fingerprints`: field with a policy → those of what it holds by this
# sync, JSON, null without policies. `edited`: fields left alone because somebody edited them there, comma
# between, null when there are none.
DIGESTS = ("digest", "field_digests", "mark")
ACKNOWLEDGED = ("record_key", *DIGESTS, "destination_id", "fingerprints", "edited")
SCHEMA = pa.schema([(name, pa.int64() if name == "mark" else pa.string()) for name in ACKNOWLEDGED])
Place = tuple[pa.RecordBatch, int] | None  # rows with the columns of DIGESTS, and the record's number in them


@dataclass(slots=True)
class Acks:
    """Acknowledged records, column by column; one without a place has no digest."""

    keys: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    fingerprints: list[str | None] = field(default_factory=list)
    edited: list[str | None] = field(default_factory=list)

    def add(
        self,
        key: str,
        place: Place = None,
        id_: str | None = None,
        fingerprints: str | None = None,
        edited: str | None = None,
    ) -> None:
        """One more."""
        self.keys.append(key)
        self.places.append(place)
        self.ids.append(id_)
        self.fingerprints.append(fingerprints)
        self.edited.append(edited)

    def add_all(self, keys: Sequence[str], places: Sequence[Place], ids: Sequence[str | None]) -> None:
        """More of them, with nothing else to remember."""
        self.keys += keys
        self.places += places
        self.ids += ids
        self.fingerprints += [None] * len(keys)
        self.edited += [None] * len(keys)

    def extend(self, other: Acks) -> None:
        """More of them, of another batch."""
        for mine, theirs in zip(self._columns(), other._columns(), strict=True):
            mine.extend(theirs)

    def parts(self, size: int) -> Iterator[Acks]:
        """The same, so many at a time."""
        for start in range(0, len(self.keys), size):
            yield Acks(*(values[start : start + size] for values in self._columns()))

    def _columns(self) -> tuple[list[Any], ...]:
        return (self.keys, self.places, self.ids, self.fingerprints, self.edited)

    def as_batch(self) -> pa.RecordBatch:
        """As rows of SCHEMA."""
        columns = [self.keys, self.ids, self.fingerprints, self.edited]
        keys, ids, fingerprints, edited = (pa.array(values, pa.string()) for values in columns)
        digests = self._digests()
        return pa.RecordBatch.from_arrays([keys, *digests, ids, fingerprints, edited], schema=SCHEMA)

    def _digests(self) -> list[pa.Array]:
        parts: list[list[pa.Array]] = [[] for _ in DIGESTS]
        # Records of a batch lie side by side in few of the plan's batches.
        for _, group in groupby(self.places, key=lambda place: id(place[0]) if place else None):
            places = list(group)
            first = places[0]
            numbers = pa.array([place[1] for place in places if place])
            for column, name in zip(parts, DIGESTS, strict=True):
                kind = SCHEMA.field(name).type
                nothing = pa.scalar("" if kind == pa.string() else None, kind)
                if first:
                    taken = first[0].column(name).take(numbers)
                    column.append(taken.fill_null(nothing) if nothing.is_valid else taken)
                else:
                    column.append(pa.repeat(nothing, len(places)))
        return [pa.concat_arrays(column) for column in parts]


@dataclass(frozen=True)
class Rejected:
    """One record that the destination did not take.

    `kind` is its class: see `destinations.base.RejectClass`.
    """

    record_key: str
    operation: str
    kind: str
    reason: str
    digest: str


@dataclass
class Entries:
    """What an answer said of a batch.

    Attributes:
        acks: by operation: what was done, one of SKIPPED, or MERGED.
    """

    acks: defaultdict[str, Acks] = field(default_factory=lambda: defaultdict(Acks))
    rejects: list[Rejected] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Records in `acks`."""
        return sum(len(acks.keys) for acks in self.acks.values())


def together(group: Iterable[Entries]) -> Entries:
    """What the answers of several batches said, as if it were one's."""
    whole = Entries()
    for entries in group:
        for operation, acks in entries.acks.items():
            whole.acks[operation].extend(acks)
        whole.rejects += entries.rejects
    return whole


def pack(batch: pa.RecordBatch) -> bytes:
    """Rows of SCHEMA as one Arrow stream: one value in the journal, however many they are.

    It is not compressed, so that a search for what must not be in the journal sees what is.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def unpacked(entries: bytes) -> pa.RecordBatch:
    """The rows of `pack`."""
    return pa.ipc.open_stream(entries).read_next_batch()


@dataclass(frozen=True)
class RunRow:
    """A run as the journal knows it; the counts of what was sent are in the other tables."""

    run_id: str
    sync: str
    destination: str
    plan_id: str | None
    status: str
    started_at: str
    finished_at: str | None
    model_rows: int
    planned: int
    added: int
    changed: int
    removed: int
    unchanged: int
    held: int
    mapping: str | None
    digest_version: str | None
    message: str | None
    granted: int | None
    failure: str | None
