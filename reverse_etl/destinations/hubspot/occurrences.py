"""Custom events of an emulated HubSpot account: the call that takes occurrences, and what it took."""

from __future__ import annotations

from typing import Any

from reverse_etl.destinations.hubspot.account import Refused

Body = dict[str, Any]
KEYS = frozenset({"eventName", "occurredAt", "email", "objectId", "utk", "uuid", "properties"})


class Events:
    """The occurrences, repeats included: HubSpot does not promise to know them by their UUID."""

    def __init__(self) -> None:
        self.received: list[Body] = []

    def send(self, body: Body) -> tuple[int, None]:
        """Take a batch, all of it or nothing.

        Raises:
            Refused: an occurrence is not well formed.
        """
        for item in body["inputs"]:
            whose = item.get("email") or item.get("objectId") or item.get("utk")
            texts = all(isinstance(value, str) for value in item.get("properties", {}).values())
            if not item.get("eventName") or not whose or not texts or item.keys() - KEYS:
                raise Refused("VALIDATION_ERROR", "Invalid event occurrence in batch input.")
        self.received += body["inputs"]
        return 204, None
