"""Contacts of merged people, merged there too: by HubSpot's own call, which cannot be taken back.

A merge gives a third contact with an id of its own, lists both ids in `hs_merged_object_ids`, keeps the
primary one's values, and the other's where the primary has none. What became of the old ids is nowhere
promised, so that nothing here relies on it: what is there now is found by the person's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reverse_etl.destinations.base import BatchRefused, Record
from reverse_etl.destinations.hubspot.client import Found
from reverse_etl.destinations.hubspot.reach import KEY, Reach

MERGED_IDS = "hs_merged_object_ids"
READ = (KEY, MERGED_IDS)
ASKED_AT_ONCE = 100


class Merging:
    """The merges of one run."""

    def __init__(self, reach: Reach) -> None:
        self._calls = reach.calls
        self._done: dict[str, str | None] = {}

    async def take_in(self, records: Sequence[Record]) -> tuple[dict[str, str | None], dict[str, str]]:
        """Merge into each record's contact what the record absorbs, one after another.

        Returns:
            key → id of the contact that there is now, None for none; and key → why it was refused.
        """
        left = [record for record in records if record.key not in self._done]
        there, refused = await self._there(left), {}
        for record in left:
            try:
                self._done[record.key] = await self._take_in(record, there)
            except BatchRefused as refusal:
                refused[record.key] = f"{refusal.message}, so that its contacts are not merged"
        return {r.key: self._done[r.key] for r in records if r.key in self._done}, refused

    async def _there(self, records: Sequence[Record]) -> dict[str, Found]:
        """Id → contact, of all that are to be merged. A merge is for good: each is looked at before it."""
        ids = [id_ for r in records for id_ in (r.destination_id, *(other for _, other in r.absorbs)) if id_]
        found: dict[str, Found] = {}
        for start in range(0, len(ids), ASKED_AT_ONCE):
            read = await self._calls.read(ids[start : start + ASKED_AT_ONCE], None, READ)
            found.update({contact.id: contact for contact in read})
        return found

    async def _take_in(self, record: Record, there: Mapping[str, Found]) -> str | None:
        primary = await self._now(record, record.destination_id, there)
        for _, known in record.absorbs:
            other = await self._now(record, known, there)
            if primary is None or other is None or other == primary:
                primary = primary or other
            else:
                primary = await self._merge(record, primary, other)
        return primary

    async def _now(self, record: Record, id_: str | None, there: Mapping[str, Found]) -> str | None:
        """The contact that a learned id stands for, None when it is gone, or somebody else's by now."""
        contact = there.get(id_ or "")
        if contact is not None and contact.properties.get(KEY) in (None, "", *_keys(record)):
            return contact.id
        return await self._that_took_in(record, id_) if id_ else None

    async def _that_took_in(self, record: Record, id_: str) -> str | None:
        """This person's contact that the one of that id went into."""
        found = await self._calls.read(_keys(record)[:ASKED_AT_ONCE], KEY, READ)
        return next((contact.id for contact in found if id_ in merged_ids(contact)), None)

    async def _merge(self, record: Record, primary: str, other: str) -> str:
        try:
            return await self._calls.merge(primary, other)
        except BatchRefused:
            # Carried out, it may be, by a request whose answer was lost.
            done = await self._that_took_in(record, other)
            if done is None:
                raise
            return done

    async def living(self, records: Sequence[Record]) -> dict[str, str]:
        """Key → id of the contact that the record has now; none where it is gone.

        A run that was cut short may have merged contacts, and told nobody.
        """
        asked = {str(record.destination_id): record for record in records if record.destination_id}
        if not asked:
            return {}
        living = {
            asked[contact.id].key: contact.id
            for contact in await self._calls.read(list(asked), None, READ)
            if contact.id in asked
        }
        lost = {record.key: id_ for id_, record in asked.items() if record.key not in living}
        for contact in await self._calls.read(list(lost), KEY, READ) if lost else ():
            key = str(contact.properties.get(KEY))
            if key in lost and lost[key] in merged_ids(contact):
                living[key] = contact.id
        return living


def _keys(record: Record) -> list[str]:
    """The ids that its person has and had, which are in a contact of theirs."""
    return [record.key, *sorted({*record.former, *(key for key, _ in record.absorbs)})]


def merged_ids(contact: Found) -> list[str]:
    """The ids of the contacts that went into it."""
    return (contact.properties.get(MERGED_IDS) or "").split(";")
