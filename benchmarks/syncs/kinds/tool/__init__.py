"""A tool that takes a thousand records a request, as bulk endpoints do, and whose own work costs little."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from reverse_etl.destinations import Capabilities, DestinationConfig, Kind, Limits, Opening, Outcome, Record
from reverse_etl.engine.http import Client, open_client

BATCH = 1000


class ToolConfig(DestinationConfig):
    """An account without a credential."""

    kind: Literal["tool"]


class ToolSink:
    """Writes by key; see `reverse_etl.destinations.base.Sink`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """One batch."""
        body = {"records": [{"key": record.key, "fields": record.payload} for record in records]}
        answer = await self._client.post("/records", body)
        return [Outcome(result["key"], result["id"]) for result in answer.body["results"]]


@asynccontextmanager
async def open_sink(opening: Opening) -> AsyncIterator[ToolSink]:
    """A session with the tool."""
    async with open_client(opening, "https://tool.invalid", headers={}) as client:
        yield ToolSink(client)


def sandboxed(config: ToolConfig, base_url: str, folder: Path) -> ToolConfig:
    """The same account: it is an emulator already."""
    return config


KIND = Kind(
    name="tool",
    config=ToolConfig,
    objects={
        "people": Capabilities(
            modes=frozenset({"upsert", "mirror"}), on_removed=frozenset({"leave"}), of_people=True
        )
    },
    limits=Limits(batch=BATCH, requests_per_second=10_000, concurrency=32),
    open=open_sink,
    sandboxed=sandboxed,
)
