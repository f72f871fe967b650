"""Where a check works: the emulator with its faults, and the engine's own way of sending to it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pydantic import SecretStr

from reverse_etl.conformance.subject import Subject
from reverse_etl.destinations import DestinationConfig, Limits, Opening, Outcome, Reader, Record
from reverse_etl.destinations.base import Operation, Write
from reverse_etl.destinations.limits import effective_limits
from reverse_etl.engine.deliver import deliver
from reverse_etl.engine.in_flight import InFlight
from reverse_etl.errors import KithError, RetriableError
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.sandbox.emulator import Emulator

TOKEN = "conformance-canary-4417"  # noqa: S105


@dataclass
class Sent:
    """What the sink said of the records that it was given.

    Attributes:
        acknowledged: key → the destination's id.
        refused: key → why.
        skipped: key → why nothing was sent for it.
        before: key → what the record held before it was written.
        absorbed: keys of records that took others in.
        outcomes: key → how many times it was answered.
        told: everything said in errors, retries and logs.
    """

    acknowledged: dict[str, str | None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    before: dict[str, Mapping[str, str | None]] = field(default_factory=dict)
    absorbed: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    stopped: KithError | None = None
    given_up: int = 0


class Bench:
    """`with Bench(subject) as bench:` serves the emulator until the block ends.

    Attributes:
        mode: the mode of the sync that sends.
        write: field → write policy of that sync, for fields that are not `always`.
        remember: True when what a record holds is asked for before it is written.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.write: dict[str, str] = {}
        self.remember = False
        self.mode = "upsert" if "upsert" in subject.can.modes else min(subject.can.modes)

    def __enter__(self) -> Bench:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.sandbox = stack.enter_context(Sandbox())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def emulator(self) -> Emulator:
        """The emulated account."""
        found = self.sandbox.emulators.get(self.subject.kind.name)
        assert found, f"destinations/{self.subject.kind.name} has no emulator.py with an EMULATOR"
        return found

    @property
    def config(self) -> DestinationConfig:
        """The account's entry, sent to the sandbox."""
        kind = self.subject.kind
        return kind.sandboxed(
            kind.config.model_validate(self.subject.entry), self.sandbox.base_url, self.folder
        )

    def faults(self, **options: Any) -> None:
        """What goes wrong from now on."""
        self.sandbox.set_faults(Faults(**options))

    def record(self, number: int, **change: Any) -> Record:
        """The record of that number, to be written; `change` replaces parts of it."""
        key, can = f"key-{number}", self.subject.can
        carried = {can.written_key: key} if can.written_key else {}
        operation: Operation = "event" if self.mode == "event" else "upsert"
        made = Record(key, operation, None, {**carried, **self.subject.payload(number)})
        return replace(made, **change)

    def records(self, count: int) -> list[Record]:
        """The first ones."""
        return [self.record(number) for number in range(count)]

    def removal(self, number: int, operation: Literal["archive", "delete", "clear"], sent: Sent) -> Record:
        """The removal of a record that was sent."""
        record = self.record(number, operation=operation, payload={})
        return replace(record, destination_id=sent.acknowledged.get(record.key))

    def limits(self, **limits: Any) -> Limits:
        """The kind's own, as fast as the emulator allows unless told otherwise."""
        fast = {"requests_per_second": 5_000.0, "backoff_seconds": 0.005, "timeout_seconds": 5.0}
        return replace(effective_limits(self.subject.kind, self.config), **{**fast, **limits})

    def opening(self, sent: Sent | None = None, **limits: Any) -> Opening:
        """What the kind is opened with."""
        can, said = self.subject.can, sent or Sent()

        def on_write(writes: Sequence[Write]) -> None:
            said.before.update({write.key: write.before for write in writes if write.before is not None})

        return Opening(
            sync="conformance",
            object=self.subject.object,
            mode=self.mode,
            config=self.config,
            match=("destination_id", *can.match),
            write=self.write,
            fields=tuple(self.record(0).payload),
            secret=SecretStr(TOKEN),
            home=self.folder,
            limits=self.limits(**limits),
            account="conformance",
            remember=self.remember,
            on_write=on_write,
            on_retry=said.told.append,
        )

    def send(self, records: Sequence[Record], *, size: int | None = None, **limits: Any) -> Sent:
        """Send records as a run does, in batches of `size` or of the kind's own."""
        sent = Sent()
        with _logged(sent.told):
            asyncio.run(self._send(records, size, limits, sent))
        sent.told += [*sent.refused.values(), *([str(sent.stopped)] if sent.stopped else [])]
        return sent

    async def _send(
        self, records: Sequence[Record], size: int | None, limits: dict[str, Any], sent: Sent
    ) -> None:
        async def keep(outcomes: Sequence[tuple[Record, Outcome]]) -> None:
            for record, outcome in outcomes:
                sent.outcomes[record.key] += 1
                sent.absorbed |= {record.key} if outcome.absorbed else set()
                if outcome.skipped:
                    sent.skipped[record.key] = outcome.skipped
                elif outcome.refused is None:
                    sent.acknowledged[record.key] = outcome.destination_id
                else:
                    sent.refused[record.key] = outcome.refused

        opening, open_sink = self.opening(sent, **limits), self.subject.kind.open
        assert open_sink, f"`{self.subject.kind.name}` opens no sink"
        in_flight = InFlight(opening.limits)
        async with open_sink(replace(opening, on_answer=in_flight.answered)) as sink:
            batches = _batched(records, size or opening.limits.batch)
            delivery = await deliver(sink, batches, in_flight, keep)
        sent.stopped, sent.given_up = delivery.stopped, delivery.given_up

    def read(self, records: Sequence[Record], **limits: Any) -> dict[str, Mapping[str, str | None] | None]:
        """Key → what the sink says that the record holds, None for gone; without those not answered."""
        return asyncio.run(self._read(records, self.opening(**limits)))

    async def _read(
        self, records: Sequence[Record], opening: Opening
    ) -> dict[str, Mapping[str, str | None] | None]:
        open_sink = self.subject.kind.open
        assert open_sink, f"`{self.subject.kind.name}` opens no sink"
        async with open_sink(opening) as sink:
            assert isinstance(sink, Reader), "`read` is declared, and the sink has no such method"
            try:
                return {present.key: present.fields for present in await sink.read(records)}
            except RetriableError:
                return {}

    def assert_delivered(self, records: Sequence[Record], sent: Sent) -> None:
        """Each acknowledged with an id, and there as it was sent, once."""
        assert not sent.stopped, f"sending stopped: {sent.stopped}"
        assert not sent.refused, f"refused: {sent.refused}"
        there = self.emulator.records()
        for record in records:
            id_ = sent.acknowledged.get(record.key)
            assert id_, f"{record.key} was acknowledged without the destination's id"
            assert id_ in there, f"{record.key} was acknowledged as {id_}, which the account does not hold"
            expected = {name: text for name, text in record.payload.items() if text}
            found = {name: there[id_].get(name, "") for name in expected}
            assert found == expected, f"{record.key} arrived as {found}"


class _logged:
    """Everything that is logged in the block, into a list."""

    def __init__(self, told: list[str]) -> None:
        self._handler = logging.Handler()
        self._handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self._handler)

    def __exit__(self, *exit_: object) -> None:
        logging.getLogger().removeHandler(self._handler)


def _batched(records: Sequence[Record], size: int) -> Iterator[list[Record]]:
    """Of one operation each: a batch ends where the operation changes."""
    for _, same in groupby(records, key=lambda record: record.operation):
        group = list(same)
        yield from (group[start : start + size] for start in range(0, len(group), size))
