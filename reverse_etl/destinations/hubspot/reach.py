"""What every way of writing contacts shares: finding them, reading them, and saying what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reverse_etl.destinations.base import Opening, Outcome, Record
from reverse_etl.destinations.hubspot.client import Contacts, Found, Said, class_of
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


class Reach:
    """The contacts of one sync.

    Attributes:
        calls: the account's calls.
        keys: the properties that find a contact, in order.
        fields: the properties that are mapped.
        policies: what a write may touch.
        on_write: told before a write.
    """

    def __init__(self, contacts: Contacts, opening: Opening) -> None:
        self.calls = contacts
        self.keys = [name for name in opening.match if name != "destination_id"]
        self.fields = opening.fields
        self.policies = Policies(opening.write, {"lifecyclestage": LIFECYCLE}, opening.fingerprint)
        self.on_write = opening.on_write
        self._remember = opening.remember
        self._by_mode = opening.mode in ("insert", "update")
        # What is read before it is written, and told after.
        self._told = self.fields if self._remember else self.policies.fields

    async def current(self, known: dict[str, Found]) -> dict[str, Found]:
        """What contacts with a learned id hold in the fields that have a policy."""
        if not self._told or not known:
            return {}
        keys = {found.id: key for key, found in known.items()}
        read = await self.calls.read(list(keys), None, self._told)
        return {keys[found.id]: found for found in read if found.id in keys}

    async def look_up(self, records: Sequence[Record]) -> dict[str, Found]:
        """Contacts that exist already, by each key in turn. The upsert's own key is left to it, unless a
        policy or the mode asks for what is there."""
        found: dict[str, Found] = {}
        for name in self.keys:
            asked = {
                record.payload[name].lower(): record.key
                for record in records
                if record.key not in found
                and record.payload.get(name)
                and (self._reads_all or name != self.own_key(record))
            }
            if asked:
                for contact in await self.calls.read(list(asked), name, [*self.keys, *self._told]):
                    value = str(contact.properties.get(name) or "").lower()
                    if value in asked:
                        found[asked[value]] = contact
        return found

    @property
    def _reads_all(self) -> bool:
        """True when the upsert's own key is looked for too."""
        return bool(self._told) or self._by_mode

    def before(self, contact: Found) -> Mapping[str, str | None] | None:
        """What a run can be undone from, where it asks for that."""
        if not self._remember:
            return None
        return {name: contact.properties.get(name) for name in self.fields}

    def own_key(self, record: Record) -> str | None:
        """The key that the upsert finds or makes its contact by: the person's id, else the last one filled.

        By the id, an upsert cannot take a contact that is another person's.
        """
        filled = [name for name in self.keys if record.payload.get(name)]
        return KEY if KEY in filled else (filled[-1] if filled else None)

    def outcomes(
        self, said: Said, traces: Mapping[str, Record], allowed: Mapping[str, Allowed]
    ) -> list[Outcome]:
        """What an answer said, by trace; what was allowed is what was sent."""
        outcomes = [
            Outcome(traces[trace].key, refused=why, kind=class_of(why))
            for trace, why in said.refused.items()
            if trace in traces
        ]
        for trace, found in said.written.items():
            if trace not in traces:
                continue
            told, sent = said.properties.get(trace, {}), allowed[trace]
            # The answer's own form of a value is what a later read gives; ours, where it does not say.
            written = {
                name: (told[name] or "") if name in told else sent.fields[name]
                for name in self._told
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
