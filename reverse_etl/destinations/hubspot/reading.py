"""What contacts hold now, by calls that change nothing.

A contact is found by its learned id; by the person's id, where that one is gone and `match` names it. One
that went into another, by somebody's hand, is read as what it is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reverse_etl.destinations.base import Present, Record
from reverse_etl.destinations.hubspot.merging import MERGED_IDS, merged_ids
from reverse_etl.destinations.hubspot.reach import KEY, Reach

Properties = Mapping[str, str | None]


class Reading:
    """See `reverse_etl.destinations.base.Reader`."""

    def __init__(self, reach: Reach) -> None:
        self._calls = reach.calls
        self._names = (*reach.fields, MERGED_IDS)

    async def read(self, records: Sequence[Record]) -> list[Present]:
        """One batch. Gone is who is said to be gone, by every way to find them."""
        found, lost = await self._by_id(records)
        left = [record for record in records if record.key in lost]
        again, gone = await self._by_key(left)
        held: dict[str, Properties | None] = {**dict.fromkeys(gone), **again, **found}
        return [Present(key, fields) for key, fields in held.items()]

    async def _by_id(self, records: Sequence[Record]) -> tuple[dict[str, Properties], set[str]]:
        """Key → what its contact holds; and the keys of those who have no contact by an id."""
        asked = {record.destination_id: record.key for record in records if record.destination_id}
        lost = {record.key for record in records if not record.destination_id}
        if not asked:
            return {}, lost
        contacts, missing = await self._calls.look(list(asked), None, self._names)
        # A contact's own id says more than that it went into another one.
        ids = [(id_, contact) for contact in contacts for id_ in merged_ids(contact)]
        ids += [(contact.id, contact) for contact in contacts]
        found = {asked[id_]: contact.properties for id_, contact in ids if id_ in asked}
        lost |= {asked[id_] for id_ in missing if id_ in asked}
        return found, lost - found.keys()

    async def _by_key(self, records: Sequence[Record]) -> tuple[dict[str, Properties], set[str]]:
        """The same by the person's id, of those that carry one; and the keys of those who are gone."""
        asked = {record.payload[KEY].lower(): record.key for record in records if record.payload.get(KEY)}
        without = {r.key for r in records if r.destination_id and not r.payload.get(KEY)}
        if not asked:
            return {}, without
        contacts, missing = await self._calls.look(list(asked), KEY, self._names)
        values = {str(contact.properties.get(KEY) or "").lower(): contact.properties for contact in contacts}
        found = {asked[value]: held for value, held in values.items() if value in asked}
        return found, without | {asked[value] for value in map(str.lower, missing) if value in asked}
