"""What takes back: contacts archived, deleted, emptied of what is ours, or given their values before."""

from __future__ import annotations

from collections.abc import Sequence

from reverse_etl.destinations.base import EDITED, Outcome, Record, Write
from reverse_etl.destinations.hubspot.client import Found, Input, Said
from reverse_etl.destinations.hubspot.merging import Merging
from reverse_etl.destinations.hubspot.reach import Reach
from reverse_etl.destinations.policies import Allowed


class Removal:
    """The operations `archive`, `delete`, `clear` and `restore` on batches.

    Args:
        merging: where contacts are merged, so that a learned id may be another's by now.
    """

    def __init__(self, reach: Reach, merging: Merging | None) -> None:
        self._reach, self._merging = reach, merging

    async def _ids(self, records: Sequence[Record]) -> dict[str, str]:
        """Key → the contact's id, of those that have one."""
        if self._merging:
            return await self._merging.living(records)
        return {record.key: record.destination_id for record in records if record.destination_id}

    async def archive(self, records: Sequence[Record]) -> list[Outcome]:
        """Archive; who is gone already counts as archived."""
        ids = await self._ids(records)
        if ids:
            await self._reach.calls.archive(list(ids.values()))
        return [Outcome(record.key, record.destination_id) for record in records]

    async def delete(self, records: Sequence[Record]) -> list[Outcome]:
        """Delete for good, one by one: HubSpot has no batch of it. Who is gone counts as deleted."""
        for id_ in (await self._ids(records)).values():
            await self._reach.calls.delete(id_)
        return [Outcome(record.key, record.destination_id) for record in records]

    async def uncreate(self, records: Sequence[Record]) -> list[Outcome]:
        """Archive what a run created, unless somebody edited it since."""
        found = await self._reach.current({r.key: Found(str(r.destination_id), {}) for r in records})
        ours = self._reach.policies.ours
        edited = {
            r.key
            for r in records
            if r.key in found and len(ours(r, found[r.key].properties, r.held)) < len(r.held)
        }
        outcomes = [Outcome(record.key, skipped=EDITED) for record in records if record.key in edited]
        left = [record for record in records if record.key not in edited]
        return outcomes + (await self.archive(left) if left else [])

    async def clear(self, records: Sequence[Record]) -> list[Outcome]:
        """Empty what this sync wrote, but for the keys that find the contact again."""
        ids = await self._ids(records)
        known = {str(n): record for n, record in enumerate(r for r in records if r.key in ids)}
        found = {key: Found(id_, {}) for key, id_ in ids.items()}
        found.update(await self._reach.current(found))
        names = [name for name in self._reach.fields if name not in self._reach.keys]
        empty = {
            trace: Allowed(
                dict.fromkeys(self._reach.policies.ours(record, found[record.key].properties, names), "")
            )
            for trace, record in known.items()
        }
        self._reach.on_write(
            [
                Write(known[trace].key, said.fields, before=self._reach.before(found[known[trace].key]))
                for trace, said in empty.items()
            ]
        )
        inputs = [Input(trace, found[record.key].id, empty[trace].fields) for trace, record in known.items()]
        said = await self._reach.calls.update(inputs) if inputs else Said()
        for trace in [trace for trace, why in said.refused.items() if "NOT_FOUND" in why]:
            # Who is gone there holds nothing.
            del said.refused[trace]
            said.written[trace] = found[known[trace].key].id
        outcomes = [Outcome(record.key) for record in records if record.key not in ids]
        return outcomes + self._reach.outcomes(said, known, empty)

    async def restore(self, records: Sequence[Record]) -> list[Outcome]:
        """Give back the values before, where ours still stand."""
        found = await self._reach.current({r.key: Found(str(r.destination_id), {}) for r in records})
        allowed = {
            record.key: self._reach.policies.allowed(record, found[record.key].properties)
            for record in records
            if record.key in found
        }
        given = {str(n): r for n, r in enumerate(records) if r.key in allowed and allowed[r.key].fields}
        kept = {record.key for record in given.values()}
        outcomes = [Outcome(record.key, skipped=EDITED) for record in records if record.key not in kept]
        inputs = [Input(trace, found[r.key].id, allowed[r.key].fields) for trace, r in given.items()]
        said = await self._reach.calls.update(inputs) if inputs else Said()
        return outcomes + self._reach.outcomes(said, given, {t: allowed[r.key] for t, r in given.items()})
