"""Asks a destination for records that a sync left there, and counts how they stand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from reverse_etl.destinations import Outcome, Present, Reader, Record
from reverse_etl.destinations.base import NOTHING
from reverse_etl.engine.deliver import Delivery, deliver
from reverse_etl.engine.held import fingerprints
from reverse_etl.engine.in_flight import InFlight, unless_stopped
from reverse_etl.engine.opening import opening
from reverse_etl.engine.report import DriftSample
from reverse_etl.engine.running import Running
from reverse_etl.engine.standing import Comparison, Stand
from reverse_etl.planner.question import field_rules, mapping_digest
from reverse_etl.planner.spellings import model_texts
from reverse_etl.state.delivered import Delivered

OF_EACH = 3
TOGETHER = 10_000  # records that the model is asked about at once


class Asking:
    """The reading of one sync's records, by the limits, retries and breaker of a run.

    Args:
        sampled: True when a few records are kept with what they hold.

    Attributes:
        states: how many records stand in which way; those that were answered.
        fields: field → records in which it was edited.
        reasons: why others were refused or not answered → how many.
        samples: a few records that are not as they were left; people's values.
    """

    def __init__(self, running: Running, delivered: Delivered, *, sampled: bool) -> None:
        self.states: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.samples: list[DriftSample] = []
        self._answered = 0
        self._running, self._delivered, self._sampled = running, delivered, sampled
        self._carries = _carries(running)
        self._rules = field_rules(running.sync.file, running.target.can)
        self._doubtful: dict[str, Stand] = {}
        self._comparison = Comparison(
            self._rules,
            mapping_digest(self._rules),
            self._carries,
            fingerprints(delivered.salt),
            running.journal.intents(running.sync.name, running.target.label),
        )

    def all(self) -> Delivery:
        """Ask for every chosen record; why it ended early, if it did.

        Raises:
            ConfigurationError: the destination cannot be opened as it is declared.
        """
        return asyncio.run(self._ask()) if self._delivered.chosen else Delivery()

    async def _ask(self) -> Delivery:
        opened, kind = opening(self._running), self._running.target.kind
        assert kind.open is not None
        in_flight = InFlight(opened.limits)
        opened = replace(opened, on_answer=in_flight.answered, wait=in_flight.wait)
        batches = _batches(self._delivered.batches(), self._record, opened.limits.batch)
        async with kind.open(opened) as sink:
            assert isinstance(sink, Reader), f"`{kind.name}` declares `read`, and its sink has none"
            work = deliver(_Questions(sink, self._tell), batches, in_flight, self._count)
            delivery = await unless_stopped(work, in_flight, self._running.stop)
        self._settle(self._doubtful, self._texts(self._doubtful))
        return delivery or Delivery(stopped=in_flight.closed)

    def _record(self, rows: pa.RecordBatch, number: int) -> Record:
        key, known = (rows.column(name)[number].as_py() for name in ("record_key", "destination_id"))
        payload = {self._carries: key} if self._carries else NOTHING
        return Record(key, "keep", known, payload, (rows, number))

    def _tell(self, record: Record, present: Present) -> None:
        stand = self._comparison.of(_receipt(record), present)
        if stand.doubtful:
            self._doubtful[record.key] = stand
        else:
            self._add(record.key, stand)

    def _add(self, key: str, stand: Stand) -> None:
        if self._sampled and stand.told and self.states[stand.state] < OF_EACH:
            self.samples.append(DriftSample(stand.state, key, dict(stand.fields)))
        self.states[stand.state] += 1
        self.fields.update(stand.fields.keys())

    async def _count(self, outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        self.reasons.update(said.refused for _, said in outcomes if said.refused is not None)
        self._answered += len(outcomes)
        self._running.on_progress(self._answered, self._delivered.chosen)
        if len(self._doubtful) >= TOGETHER:
            doubtful, self._doubtful = self._doubtful, {}
            self._settle(doubtful, await asyncio.to_thread(self._texts, doubtful))

    def _texts(self, doubtful: Mapping[str, Stand]) -> Mapping[str, Mapping[str, str]]:
        """How the model spells what was left: an e-mail with capitals is the same one without."""
        asked = {key: list(stand.fields) for key, stand in doubtful.items()}
        warehouse, file = self._running.warehouse, self._running.sync.file
        return model_texts(warehouse, file, self._rules, asked) if asked else {}

    def _settle(self, doubtful: Mapping[str, Stand], texts: Mapping[str, Mapping[str, str]]) -> None:
        for key, stand in doubtful.items():
            self._add(key, self._comparison.spelled(stand, texts.get(key, {})))


class _Questions:
    """A sink that asks for records in place of sending them: it calls nothing else."""

    def __init__(self, reader: Reader, tell: Callable[[Record, Present], None]) -> None:
        self._reader, self._tell = reader, tell

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        said = {present.key: present for present in await self._reader.read(records)}
        named = [record for record in records if record.key in said]
        for record in named:
            self._tell(record, said[record.key])
        return [Outcome(record.key) for record in named]


def _carries(running: Running) -> str | None:
    """The field that holds the record's key, unless the mapping fills it with something else."""
    file, name = running.sync.file, running.target.can.written_key
    rule = field_rules(file, running.target.can).get(name or "")
    return name if rule and rule.from_ == file.key else None


def _receipt(record: Record) -> Mapping[str, Any]:
    assert record.place is not None
    rows, number = record.place
    return {name: rows.column(name)[number].as_py() for name in rows.schema.names}


def _batches(
    rows: Iterable[pa.RecordBatch], record: Callable[[pa.RecordBatch, int], Record], size: int
) -> Iterator[list[Record]]:
    for batch in rows:
        for start in range(0, batch.num_rows, size):
            stop = min(start + size, batch.num_rows)
            yield [record(batch, number) for number in range(start, stop)]
