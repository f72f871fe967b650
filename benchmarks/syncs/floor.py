"""The floor: a bare aiohttp loop that sends ready bodies and reads the answers, nothing else."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from benchmarks.syncs.world import FIELDS


def ready_bodies(rows: int, batch: int) -> list[bytes]:
    """The bodies of all batches, made before the clock starts; each is of the size that the engine sends."""
    fields = ",".join(f'"{name}":"{name} of 9973"' for name in FIELDS)
    starts = range(0, rows, batch)
    return [
        b'{"records":['
        + b",".join(
            f'{{"key":"{key:032}","fields":{{{fields}}}}}'.encode() for key in range(start, start + batch)
        )
        + b"]}"
        for start in starts
    ]


async def send(base_url: str, bodies: list[bytes], concurrency: int) -> None:
    """Post every body, so many at once."""
    left = iter(bodies)

    async def worker(session: aiohttp.ClientSession) -> None:
        for body in left:
            async with session.post(
                f"{base_url}/records", data=body, headers={"Content-Type": "application/json"}
            ) as response:
                await response.read()

    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))


def run(base_url: str, rows: int, concurrency: int, batch: int) -> float:
    """Seconds that sending took."""
    bodies = ready_bodies(rows, batch)
    start = time.monotonic()
    asyncio.run(send(base_url, bodies, concurrency))
    return time.monotonic() - start
