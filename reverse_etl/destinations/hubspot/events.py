"""Custom events as a sink: each occurrence is sent once, and named by a UUID made of the sync and its key.

An answer without content covers the whole batch. HubSpot keeps occurrences for good: none is changed or
removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from reverse_etl.destinations.base import Opening, Outcome, Record
from reverse_etl.destinations.hubspot.client import refusal_of
from reverse_etl.engine.http import Client

SEND = "/events/v3/send/batch"
# What says which event, when, and whose; every other field is a property of the event.
NAMED = ("eventName", "occurredAt", "email", "objectId", "utk")


class EventSink:
    """See `reverse_etl.destinations.base.Sink`."""

    def __init__(self, client: Client, opening: Opening) -> None:
        self._client, self._sync, self._fields = client, opening.sync, frozenset(opening.fields)

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch of occurrences."""
        answer = await self._client.post(SEND, {"inputs": [self._occurrence(record) for record in records]})
        if answer.status != 204:
            raise refusal_of(answer, self._fields, "event property")
        return [Outcome(record.key) for record in records]

    def _occurrence(self, record: Record) -> dict[str, Any]:
        said = {name: value for name, value in record.payload.items() if value}
        named = {name: said.pop(name) for name in NAMED if name in said}
        # The same after any retry, kill or restore: the occurrence is one.
        uuid = str(uuid5(NAMESPACE_URL, f"kith:{self._sync}:{record.key}"))
        return {**named, "uuid": uuid, "properties": said}
