"""What the checks need to know of a destination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reverse_etl.destinations import Capabilities, Kind

Payload = Mapping[str, str]


@dataclass(frozen=True)
class Subject:
    """One object of a kind.

    Attributes:
        account: its entry in destinations.yml, without `kind`.
        payload: number → a valid record, field → text; no two share a value. The field that carries the
            sync's key is added.
        text: a field of the payload that takes any text, and identifies nobody.
        read: a snapshot's content, field → text, a row each; only for a kind that has one.
    """

    kind: Kind
    object: str
    payload: Callable[[int], Payload]
    text: str
    account: Mapping[str, Any] = field(default_factory=dict)
    read: Callable[[Path], list[dict[str, str]]] | None = None

    @property
    def can(self) -> Capabilities:
        """What the object is declared to do."""
        return self.kind.objects[self.object]

    @property
    def entry(self) -> dict[str, Any]:
        """The account as destinations.yml has it."""
        return {"kind": self.kind.name, **self.account}
