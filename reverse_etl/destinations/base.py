"""What a destination is made of: a configuration, a sink, and what both can and cannot do, declared."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from reverse_etl.destinations.values import Address, Number, Whole
from reverse_etl.errors import KithError


class _Nothing(Mapping[str, Any]):
    """An empty mapping that a million records share."""

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __hash__(self) -> int:
        return 0


NOTHING: Mapping[str, Any] = _Nothing()
# What it takes until a refused record may be taken: a change of its row; nothing but another try; a sync or
# an account put right; nothing that we know of.
RejectClass = Literal["record", "retriable", "configuration", "permanent"]
Operation = Literal["upsert", "event", "restore", "uncreate", "archive", "delete", "clear", "remove", "keep"]


class DestinationConfig(BaseModel):
    """What every account in destinations.yml has. Limits left out are the kind's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    requests_per_second: Number | None = Field(None, gt=0)
    concurrency: Whole | None = Field(None, ge=1, le=256)
    batch: Whole | None = Field(None, ge=1, description="Records a request, at most.")
    timeout_seconds: Number | None = Field(None, gt=0)
    max_attempts: Whole | None = Field(None, ge=1, le=20)
    backoff_seconds: Number | None = Field(None, ge=0, description="First pause before a retry; it doubles.")
    base_url: Address | None = Field(None, description="For tests and gateways.")
    allow_private: bool = Field(False, description="Permit plain HTTP and private addresses.")

    def secret_reference(self) -> str | None:
        """The reference that must resolve before anything is sent; None when there is none."""
        return None


@dataclass(frozen=True)
class Limits:
    """A kind's own limits.

    Attributes:
        concurrency: batches under way to begin with; more are where the rate asks for it.
        concurrency_is_stated: True when it is the account's word: no more are.
        rate_is_stated: True when the rate is the account's word: what its answers tell may lower it alone.
    """

    batch: int = 100
    requests_per_second: float = 10.0
    concurrency: int = 8
    timeout_seconds: float = 30.0
    max_attempts: int = 6
    backoff_seconds: float = 0.5
    concurrency_is_stated: bool = False
    rate_is_stated: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What one object of a destination can do; a sync that asks for more is refused before anything runs.

    Attributes:
        match: names that `match` may use besides destination_id; each is a unique field there.
        written_key: the field among `match` that carries the sync's key, written without being mapped.
        ordered: field → its values, lowest first; the fields that `forward_only` may guard.
        snapshot: True when a run replaces the whole content, as a file's does.
        of_people: True when each record is a person, whatever its fields are called.
        required: groups of fields; a sync maps at least one of each group.
        merges: True when it merges one record into another: `on_merge: merge`.
        on_withdrawn: what becomes of a delivered person who withdrew consent, where the sync says no
            on_removed; one of on_removed.
        undo: True when its records can be read before they are written, and written back.
        read: True when its records can be read and nothing else: its sink is a `Reader`.
        recycled: how what was archived comes back by hand, where no call does it.
        singly: of `delete` and `merge`, those that take a request a record.
    """

    modes: frozenset[str]
    on_removed: frozenset[str] = frozenset({"leave"})
    on_withdrawn: str = "leave"
    write: frozenset[str] = frozenset({"always"})
    match: tuple[str, ...] = ()
    written_key: str | None = None
    ordered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    snapshot: bool = False
    of_people: bool = False
    required: tuple[tuple[str, ...], ...] = ()
    merges: bool = False
    undo: bool = False
    read: bool = False
    recycled: str | None = None
    singly: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)  # never changed; frozen ones cost three times as much to make
class Record:
    """One operation of a plan.

    Attributes:
        key: the sync's key, unique within a plan.
        destination_id: the destination's own id, when it has been learned.
        payload: field → text, as rendered in the warehouse; an empty text clears.
        place: the plan's rows that it is one of, and its number among them.
        held: field with a policy → fingerprints of the values that this sync may have left there.
        replaces: the key of a merged person's record that carries on as this one.
        former: keys that the person had before, merged into this one since.
        attempted: True when a run that was cut short may have created it.
        absorbs: (key, destination's id) of merged people's records, which go into this one before it is
            written.
    """

    key: str
    operation: Operation
    destination_id: str | None
    payload: Mapping[str, str]
    place: tuple[pa.RecordBatch, int] | None = None
    held: Mapping[str, frozenset[str]] = NOTHING
    replaces: str | None = None
    former: frozenset[str] = frozenset()
    attempted: bool = False
    absorbs: Sequence[tuple[str, str | None]] = ()


@dataclass(slots=True, eq=False)  # never changed; frozen ones cost three times as much to make
class Outcome:
    """What the destination said of one record. A record without an outcome counts as not answered.

    Attributes:
        refused: None when acknowledged; else why, in words free of personal data.
        kind: of what class the refusal is.
        written: field with a policy → the value that it holds by this write, in the destination's own form.
        edited: fields that were left alone because somebody edited them there.
        skipped: why nothing was sent: one of THERE, ABSENT and EDITED.
        created: True when the record was not there before.
        absorbed: True when what it absorbs is in it, under `destination_id`, refused or not.
    """

    key: str
    destination_id: str | None = None
    refused: str | None = None
    written: Mapping[str, str] = NOTHING
    edited: tuple[str, ...] = ()
    skipped: str | None = None
    created: bool = False
    absorbed: bool = False
    kind: RejectClass = "record"


# Mode `insert` leaves what is there; mode `update` leaves what is not; an undo leaves what was edited.
THERE = "there already"
ABSENT = "not there"
EDITED = "edited there since"


@dataclass(frozen=True)
class Write:
    """What is about to be written.

    Attributes:
        fields: field → text; an empty text clears.
        create: True when the record is not there yet.
        before: field → what it holds now, where `Opening.remember` asks for it.
    """

    key: str
    fields: Mapping[str, str]
    create: bool = False
    before: Mapping[str, str | None] | None = None


class BatchRefused(KithError):
    """The destination refused a batch as a whole, for a record in it that it does not name.

    Args:
        kind: of what class the refusal is, once the record is alone.
    """

    def __init__(self, message: str, hint: str | None = None, kind: RejectClass = "record") -> None:
        super().__init__(message, hint)
        self.kind = kind


class Sink(Protocol):
    """Where records go. Called with batches of at most `Limits.batch` records of one operation."""

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Send one batch; an outcome for each record that the answer names or covers.

        Raises:
            BatchRefused: refused whole; the engine halves it.
            RetriableError: not answered within the retry budget.
            PermanentError: everything is refused until a person acts.
            LaterError: nothing is taken for a while.
        """
        ...


@dataclass(frozen=True)
class Present:
    """What the destination holds of one record.

    Attributes:
        fields: field → what it holds, of the mapping's; None where there is no such record any more.
    """

    key: str
    fields: Mapping[str, str | None] | None


@runtime_checkable
class Reader(Protocol):
    """What a sink is, too, whose records can be read."""

    async def read(self, records: Sequence[Record]) -> Sequence[Present]:
        """What records of one batch hold now; one for each that the answers name, there or gone.

        Changes nothing. A record is found by its `destination_id`, else by what its payload holds: the field
        that carries the key, where there is one.

        Raises:
            As `Sink.send`.
        """
        ...


Waited = TypeVar("Waited")


class Wait(Protocol):
    """Awaits what a request waits for."""

    def __call__(self, waiting: Coroutine[Any, Any, Waited], /) -> Coroutine[Any, Any, Waited]:
        """What it gives."""
        ...


async def _wait(waiting: Coroutine[Any, Any, Waited]) -> Waited:
    return await waiting


@dataclass(frozen=True)
class Opening:
    """What a sink is opened with.

    Attributes:
        sync: the sync's name.
        object: the destination's object.
        mode: the sync's mode; insert and update leave what is there, or is not.
        match: match order, destination_id included.
        write: field → write policy, for fields that are not `always`.
        fields: the fields that are mapped, in order.
        secret: the resolved credential, when the kind has one.
        home: KITH_HOME, from which relative folders start.
        account: the destination's name, as state and reports have it.
        fingerprint: (field, value) → what is remembered of the value instead of it.
        merges: True when records of merged people go into each other, so that ids may have changed.
        remember: True when every field is to be read before it is written, and its value told.
        on_write: called before records are written, so that what a kill leaves unsaid is known as ours.
        on_retry: called with a few words when a request is tried again.
        on_answer: called with an answer's latency in seconds, and the requests a second that may leave.
        wait: awaits a request's turn or pause, before it leaves; raises StopAsked when none leaves any more.
        on_circuit: called when sending is paused, tried and taken up again: see engine.breaker.
    """

    sync: str
    object: str
    mode: str
    config: Any
    match: tuple[str, ...]
    write: Mapping[str, str]
    fields: tuple[str, ...]
    secret: SecretStr | None
    home: Path
    limits: Limits
    account: str = ""
    fingerprint: Callable[[str, str], str] = lambda name, value: value
    merges: bool = False
    remember: bool = False
    on_write: Callable[[Sequence[Write]], None] = lambda writes: None
    on_retry: Callable[[str], None] = lambda _: None
    on_answer: Callable[[float, float], None] = lambda seconds, rate: None
    on_circuit: Callable[[str, float], None] = lambda state, pause: None
    wait: Wait = _wait


class Snapshot(Protocol):
    """A destination whose whole content is replaced at once."""

    def exists(self) -> bool:
        """True when there is content; without it even an unchanged sync is written."""
        ...

    def replace(self, rows: Iterator[pa.RecordBatch]) -> int:
        """Make these rows the whole content, all of them or none; rows written. Columns are the fields."""
        ...


@dataclass(frozen=True)
class Kind:
    """One kind of destination: it opens either a sink or a snapshot.

    Attributes:
        config: the shape of its entry in destinations.yml.
        objects: object → what can be done with it.
        open: an async context manager that gives the sink; the session lives as long as it.
        snapshot: gives the content to replace, where the objects' capabilities say so.
        sandboxed: the configuration that sends to a sandbox instead, given (configuration, base address
            of the emulators, folder for files).
    """

    name: str
    config: type[DestinationConfig]
    objects: Mapping[str, Capabilities]
    limits: Limits
    sandboxed: Callable[[Any, str, Path], DestinationConfig]
    open: Callable[[Opening], AbstractAsyncContextManager[Sink]] | None = None
    snapshot: Callable[[Opening], Snapshot] | None = None
