"""`python -m tests.reverse_etl.asking HOME URL REQUESTS` asks an account as often as its limit allows."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from reverse_etl.destinations import kinds
from reverse_etl.destinations.base import Opening
from reverse_etl.destinations.hubspot.client import CONTACTS
from reverse_etl.destinations.limits import effective_limits
from reverse_etl.engine.http import open_client

PER_SECOND = 10


def opening(home: Path, base_url: str, **options: object) -> Opening:
    """An account at an emulator."""
    kind = kinds()["hubspot"]
    entry = {"kind": "hubspot", "token": "env:TOKEN", "base_url": base_url, "allow_private": True, **options}
    config = kind.config.model_validate(entry)
    return Opening(
        sync="asking",
        object="contacts",
        mode="upsert",
        config=config,
        match=("email",),
        write={},
        fields=("email",),
        secret=SecretStr("token"),
        home=home,
        limits=effective_limits(kind, config),
        account="hubspot",
    )


async def ask(home: Path, base_url: str, requests: int) -> None:
    """So many reads, four under way at a time."""
    opened = opening(home, base_url, requests_per_second=PER_SECOND)
    slots = asyncio.Semaphore(4)
    async with open_client(opened, base_url, headers={"Authorization": "Bearer token"}) as client:

        async def one() -> None:
            async with slots:
                await client.post(f"{CONTACTS}/read", {"inputs": [{"id": "1"}], "properties": []})

        await asyncio.gather(*(one() for _ in range(requests)))


if __name__ == "__main__":
    asyncio.run(ask(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
