"""Contacts as a sink.

A record whose contact id is learned is written by it. Another is looked for by every key of `match` but the
upsert's own: the person's id, where `match` names it. A contact that carries another person's id is left to
that person, unless that id was merged into this one. A learned id that is gone (the contact
was deleted there) is looked for anew. Fields with a policy need what the contact holds: they are read first.
Modes `insert` and `update` look for every record by every key, and leave the contacts that are, or are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reverse_etl.destinations.base import (
    ABSENT,
    THERE,
    BatchRefused,
    Opening,
    Outcome,
    Present,
    Record,
    Write,
)
from reverse_etl.destinations.hubspot.client import Found, Input, Said, class_of
from reverse_etl.destinations.hubspot.merging import Merging
from reverse_etl.destinations.hubspot.reach import KEY, Reach
from reverse_etl.destinations.hubspot.reading import Reading
from reverse_etl.destinations.hubspot.removal import Removal
from reverse_etl.destinations.policies import Allowed


class ContactSink:
    """See `reverse_etl.destinations.base.Sink`."""

    def __init__(self, reach: Reach, opening: Opening) -> None:
        self._reach, self._merging, self._reading = reach, Merging(reach), Reading(reach)
        self._removal = Removal(reach, self._merging if opening.merges else None)
        self._by_id = "destination_id" in opening.match
        self._mode = opening.mode
        self._attempted: set[str] = set()

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch of one operation."""
        operation = records[0].operation
        if operation == "archive":
            return await self._removal.archive(records)
        if operation == "delete":
            return await self._removal.delete(records)
        if operation == "uncreate":
            return await self._removal.uncreate(records)
        if operation == "restore":
            return await self._removal.restore(records)
        if operation == "clear":
            return await self._removal.clear(records)
        return await (self._insert(records) if self._mode == "insert" else self._upsert(records))

    async def read(self, records: Sequence[Record]) -> Sequence[Present]:
        """See `reverse_etl.destinations.base.Reader`."""
        return await self._reading.read(records)

    async def _upsert(self, records: Sequence[Record]) -> list[Outcome]:
        absorbing = [record for record in records if record.absorbs]
        if not absorbing:
            return await self._written(records, {})
        ids, refused = await self._merging.take_in(absorbing)
        outcomes = [Outcome(key, refused=why, kind=class_of(why)) for key, why in refused.items()]
        left = [record for record in records if record.key not in refused]
        try:
            written = await self._written(left, ids) if left else []
        except BatchRefused as refusal:
            if len(records) > 1:
                raise
            written = [Outcome(records[0].key, refused=refusal.message, kind=refusal.kind)]
        return outcomes + [
            replace(o, destination_id=o.destination_id or ids[o.key], absorbed=True) if o.key in ids else o
            for o in written
        ]

    async def _written(self, records: Sequence[Record], moved: Mapping[str, str | None]) -> list[Outcome]:
        """Written.

        Args:
            moved: key → the contact that a merge left, in place of the learned one.
        """
        learned = {record.key: moved.get(record.key, record.destination_id) for record in records}
        known = {key: Found(id_, {}) for key, id_ in learned.items() if id_ and (self._by_id or key in moved)}
        known.update(await self._reach.current(known))
        found = await self._reach.look_up([record for record in records if record.key not in known])
        known.update(found)
        clashes = {*_clashes(records, known), *(r.key for r in records if self._foreign(r, found.get(r.key)))}
        records = [record for record in records if record.key not in clashes]
        outcomes, gone = await self._update([r for r in records if r.key in known], known)
        strangers = [record for record in records if record.key not in known]
        if gone:
            again = await self._reach.look_up(gone)
            written, lost = await self._update([r for r in gone if r.key in again], again)
            outcomes += written
            strangers += [r for r in gone if r.key not in again] + lost
        outcomes += [Outcome(key, refused="CONFLICT its contact is another person's") for key in clashes]
        if self._mode == "update":
            return outcomes + [Outcome(record.key, skipped=ABSENT) for record in strangers]
        return outcomes + await self._create(strangers)

    def _foreign(self, record: Record, contact: Found | None) -> bool:
        """True for a contact that was found by another key and carries another person's id."""
        if contact is None or KEY not in self._reach.keys:
            return False
        holder = contact.properties.get(KEY)
        return bool(holder) and holder != record.payload.get(KEY) and holder not in record.former

    async def _insert(self, records: Sequence[Record]) -> list[Outcome]:
        """Create those who are not there. What a request of ours created, unheard, counts as created."""
        found = await self._reach.look_up(records)
        outcomes = [
            Outcome(
                record.key,
                found[record.key].id,
                skipped=None if self._created(record, found[record.key]) else THERE,
            )
            for record in records
            if record.key in found
        ]
        traces = {str(n): record for n, record in enumerate(records) if record.key not in found}
        if not traces:
            return outcomes
        self._reach.on_write([Write(record.key, record.payload, create=True) for record in traces.values()])
        self._attempted |= {record.key for record in traces.values()}
        inputs = [Input(trace, "", record.payload) for trace, record in traces.items()]
        try:
            said = await self._reach.calls.create(inputs)
        except BatchRefused as refusal:
            if "CONFLICT" not in refusal.message or len(inputs) > 1:
                raise
            # It came to be there since it was looked for.
            return [*outcomes, Outcome(traces[inputs[0].trace].key, skipped=THERE)]
        allowed = {trace: Allowed(dict(record.payload)) for trace, record in traces.items()}
        return outcomes + self._reach.outcomes(said, traces, allowed)

    def _created(self, record: Record, contact: Found) -> bool:
        """True for a contact that a request of ours made: tried before, and with our key where it has one."""
        tried = record.attempted or record.key in self._attempted
        return tried and (
            KEY not in self._reach.keys or contact.properties.get(KEY) == record.payload.get(KEY)
        )

    async def _update(
        self, records: Sequence[Record], known: dict[str, Found]
    ) -> tuple[list[Outcome], list[Record]]:
        """Outcomes, and the records whose contact is gone."""
        traces = {str(number): record for number, record in enumerate(records)}
        allowed = {
            trace: self._reach.policies.allowed(record, known[record.key].properties)
            for trace, record in traces.items()
        }
        inputs = [
            Input(trace, known[record.key].id, allowed[trace].fields) for trace, record in traces.items()
        ]
        self._reach.on_write(
            [
                Write(record.key, allowed[trace].fields, before=self._reach.before(known[record.key]))
                for trace, record in traces.items()
            ]
        )
        said = await self._reach.calls.update(inputs) if inputs else Said()
        gone = [traces[trace] for trace, why in said.refused.items() if "OBJECT_NOT_FOUND" in why]
        for trace, why in list(said.refused.items()):
            if "OBJECT_NOT_FOUND" in why:
                del said.refused[trace]
        return self._reach.outcomes(said, traces, allowed), gone

    async def _create(self, records: Sequence[Record]) -> list[Outcome]:
        outcomes = []
        groups: dict[str, list[Record]] = {}
        for record in records:
            name = self._reach.own_key(record)
            if name:
                groups.setdefault(name, []).append(record)
            else:
                outcomes.append(
                    Outcome(record.key, refused=f"NO_KEY none of {', '.join(self._reach.keys)} has a value")
                )
        for name, group in groups.items():
            traces = {str(number): record for number, record in enumerate(group)}
            inputs = [Input(trace, record.payload[name], record.payload) for trace, record in traces.items()]
            self._reach.on_write([Write(record.key, record.payload, create=True) for record in group])
            allowed = {trace: Allowed(dict(record.payload)) for trace, record in traces.items()}
            outcomes += self._reach.outcomes(await self._reach.calls.upsert(inputs, name), traces, allowed)
        return outcomes


def _clashes(records: Sequence[Record], known: dict[str, Found]) -> list[str]:
    """Keys whose contact another record of the batch has: two people are never written into one."""
    claimed: dict[str, str] = {}
    for record in sorted(records, key=lambda record: record.destination_id is None):
        if record.key in known:
            claimed.setdefault(known[record.key].id, record.key)
    return [key for key, found in known.items() if claimed[found.id] != key]
