"""A record's fields as the warehouse rendered them: read when they are asked for, else sent as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson


class Payload(Mapping[str, str]):
    """Field → text.

    Args:
        text: the JSON object that the plan froze.
    """

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, str] | None = None

    @property
    def _fields(self) -> dict[str, str]:
        if self._read is None:
            self._read = orjson.loads(self.text)
        return self._read

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def as_json(body: Any) -> bytes:
    """A request's body; the payloads in it are not read for it."""
    return orjson.dumps(body, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Payload):
        return orjson.Fragment(value.text)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
