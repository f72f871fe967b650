"""Contacts as a sink.

A record whose contact id is learned is written by it. Another is looked for by every key of `match` but the
last one that it has a value for; the last one is the upsert's own. A learned id that is gone (the contact
was deleted there) is looked for anew. Fields with a policy need what the contact holds: they are read first.
Modes `insert` and `update` look for every record by every key, and leave the contacts that are, or are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reverse_etl.destinations.base import ABSENT, THERE, BatchRefused, Opening, Outcome, Record, Write
from reverse_etl.destinations.hubspot.client import Contacts, Found, Input, Said
from reverse_etl.destinations.policies import Allowed, Policies

KEY = "kith_person_id"  # a property that nobody else writes
# Lowest first; HubSpot itself refuses to go back without clearing.
LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
)


class ContactSink:
    """See `reverse_etl.destinations.base.Sink`."""

    def __init__(self, contacts: Contacts, opening: Opening) -> None:
        self._contacts = contacts
        self._keys = [name for name in opening.match if name != "destination_id"]
        self._by_id = "destination_id" in opening.match
        self._policies = Policies(opening.write, {"lifecyclestage": LIFECYCLE}, opening.fingerprint)
        self._on_write = opening.on_write
        self._fields = opening.fields
        self._mode = opening.mode
        self._attempted: set[str] = set()

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch of one operation."""
        operation = records[0].operation
        if operation == "archive":
            return await self._archive(records)
        if operation == "clear":
            return await self._clear(records)
        return await (self._insert(records) if self._mode == "insert" else self._upsert(records))

    async def _archive(self, records: Sequence[Record]) -> list[Outcome]:
        ids = [record.destination_id for record in records if record.destination_id]
        if ids:
            await self._contacts.archive(ids)
        return [Outcome(record.key, record.destination_id) for record in records]

    async def _clear(self, records: Sequence[Record]) -> list[Outcome]:
        """Empty what this sync wrote, but for the keys that find the contact again."""
        known = {str(n): record for n, record in enumerate(r for r in records if r.destination_id)}
        found = {record.key: Found(str(record.destination_id), {}) for record in known.values()}
        found.update(await self._current(found))
        names = [name for name in self._fields if name not in self._keys]
        empty = {
            trace: Allowed(
                dict.fromkeys(self._policies.ours(record, found[record.key].properties, names), "")
            )
            for trace, record in known.items()
        }
        self._on_write([Write(known[trace].key, said.fields) for trace, said in empty.items()])
        inputs = [Input(trace, found[record.key].id, empty[trace].fields) for trace, record in known.items()]
        said = await self._contacts.update(inputs) if inputs else Said()
        for trace in [trace for trace, why in said.refused.items() if "NOT_FOUND" in why]:
            # Who is gone there holds nothing.
            del said.refused[trace]
            said.written[trace] = found[known[trace].key].id
        outcomes = [Outcome(record.key) for record in records if not record.destination_id]
        return outcomes + self._outcomes(said, known, empty)

    async def _upsert(self, records: Sequence[Record]) -> list[Outcome]:
        known = {r.key: Found(r.destination_id, {}) for r in records if r.destination_id and self._by_id}
        known.update(await self._current(known))
        known.update(await self._look_up([record for record in records if record.key not in known]))
        clashes = _clashes(records, known)
        records = [record for record in records if record.key not in clashes]
        outcomes, gone = await self._update([r for r in records if r.key in known], known)
        strangers = [record for record in records if record.key not in known]
        if gone:
            again = await self._look_up(gone)
            found, lost = await self._update([r for r in gone if r.key in again], again)
            outcomes += found
            strangers += [r for r in gone if r.key not in again] + lost
        outcomes += [Outcome(key, refused="CONFLICT its contact is another person's") for key in clashes]
        if self._mode == "update":
            return outcomes + [Outcome(record.key, skipped=ABSENT) for record in strangers]
        return outcomes + await self._create(strangers)

    async def _insert(self, records: Sequence[Record]) -> list[Outcome]:
        """Create those who are not there. What a request of ours created, unheard, counts as created."""
        found = await self._look_up(records)
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
        self._on_write([Write(record.key, record.payload, create=True) for record in traces.values()])
        self._attempted |= {record.key for record in traces.values()}
        inputs = [Input(trace, "", record.payload) for trace, record in traces.items()]
        try:
            said = await self._contacts.create(inputs)
        except BatchRefused as refusal:
            if "CONFLICT" not in refusal.message or len(inputs) > 1:
                raise
            # It came to be there since it was looked for.
            return [*outcomes, Outcome(traces[inputs[0].trace].key, skipped=THERE)]
        allowed = {trace: Allowed(dict(record.payload)) for trace, record in traces.items()}
        return outcomes + self._outcomes(said, traces, allowed)

    def _created(self, record: Record, contact: Found) -> bool:
        """True for a contact that a request of ours made: tried before, and with our key where it has one."""
        tried = record.attempted or record.key in self._attempted
        return tried and (KEY not in self._keys or contact.properties.get(KEY) == record.payload.get(KEY))

    async def _current(self, known: dict[str, Found]) -> dict[str, Found]:
        """What contacts with a learned id hold in the fields that have a policy."""
        if not self._policies.fields or not known:
            return {}
        keys = {found.id: key for key, found in known.items()}
        read = await self._contacts.read(list(keys), None, self._policies.fields)
        return {keys[found.id]: found for found in read if found.id in keys}

    async def _look_up(self, records: Sequence[Record]) -> dict[str, Found]:
        """Contacts that exist already, by each key in turn. The last key is left to the upsert, unless a
        policy or the mode asks for what is there."""
        found: dict[str, Found] = {}
        for name in self._keys:
            asked = {
                record.payload[name].lower(): record.key
                for record in records
                if record.key not in found
                and record.payload.get(name)
                and (self._reads_all or name != self._last_key(record))
            }
            if asked:
                for contact in await self._contacts.read(
                    list(asked), name, [*self._keys, *self._policies.fields]
                ):
                    value = str(contact.properties.get(name) or "").lower()
                    if value in asked:
                        found[asked[value]] = contact
        return found

    @property
    def _reads_all(self) -> bool:
        """True when the upsert's own key is looked for too."""
        return bool(self._policies.fields) or self._mode in ("insert", "update")

    def _last_key(self, record: Record) -> str | None:
        filled = [name for name in self._keys if record.payload.get(name)]
        return filled[-1] if filled else None

    async def _update(
        self, records: Sequence[Record], known: dict[str, Found]
    ) -> tuple[list[Outcome], list[Record]]:
        """Outcomes, and the records whose contact is gone."""
        traces = {str(number): record for number, record in enumerate(records)}
        allowed = {
            trace: self._policies.allowed(record, known[record.key].properties)
            for trace, record in traces.items()
        }
        inputs = [
            Input(trace, known[record.key].id, allowed[trace].fields) for trace, record in traces.items()
        ]
        self._on_write([Write(traces[trace].key, said.fields) for trace, said in allowed.items()])
        said = await self._contacts.update(inputs) if inputs else Said()
        gone = [traces[trace] for trace, why in said.refused.items() if "OBJECT_NOT_FOUND" in why]
        for trace, why in list(said.refused.items()):
            if "OBJECT_NOT_FOUND" in why:
                del said.refused[trace]
        return self._outcomes(said, traces, allowed), gone

    async def _create(self, records: Sequence[Record]) -> list[Outcome]:
        outcomes = []
        groups: dict[str, list[Record]] = {}
        for record in records:
            name = self._last_key(record)
            if name:
                groups.setdefault(name, []).append(record)
            else:
                outcomes.append(
                    Outcome(record.key, refused=f"NO_KEY none of {', '.join(self._keys)} has a value")
                )
        for name, group in groups.items():
            traces = {str(number): record for number, record in enumerate(group)}
            inputs = [Input(trace, record.payload[name], record.payload) for trace, record in traces.items()]
            self._on_write([Write(record.key, record.payload, create=True) for record in group])
            allowed = {trace: Allowed(dict(record.payload)) for trace, record in traces.items()}
            outcomes += self._outcomes(await self._contacts.upsert(inputs, name), traces, allowed)
        return outcomes

    def _outcomes(
        self, said: Said, traces: Mapping[str, Record], allowed: Mapping[str, Allowed]
    ) -> list[Outcome]:
        outcomes = [
            Outcome(traces[trace].key, refused=why) for trace, why in said.refused.items() if trace in traces
        ]
        for trace, found in said.written.items():
            if trace not in traces:
                continue
            told, sent = said.properties.get(trace, {}), allowed[trace]
            # The answer's own form of a value is what a later read gives; ours, where it does not say.
            written = {
                name: (told[name] or "") if name in told else sent.fields[name]
                for name in self._policies.fields
                if name in sent.fields
            }
            outcomes.append(
                Outcome(
                    traces[trace].key,
                    found,
                    written=written,
                    edited=sent.edited,
                    created=trace in said.created,
                )
            )
        return outcomes


def _clashes(records: Sequence[Record], known: dict[str, Found]) -> list[str]:
    """Keys whose contact another record of the batch has: two people are never written into one."""
    claimed: dict[str, str] = {}
    for record in sorted(records, key=lambda record: record.destination_id is None):
        if record.key in known:
            claimed.setdefault(known[record.key].id, record.key)
    return [key for key, found in known.items() if claimed[found.id] != key]
