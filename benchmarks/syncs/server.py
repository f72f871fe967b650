"""The tool over real HTTP, in a process of its own: it answers each record, and remembers what came."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from pydantic import TypeAdapter
from typing_extensions import TypedDict


class _Record(TypedDict, total=False):
    key: str
    person_id: str


class _Batch(TypedDict):
    records: list[_Record]


# All of the body has to be JSON; no Python object is made of the fields, which are the senders' share.
_BATCH = TypeAdapter(_Batch)


@dataclass
class Received:
    """What came since the last question.

    Attributes:
        keys: key → times that it was written.
        over: requests that came before the allowed rate's next moment, in a window of a second.
    """

    requests: int = 0
    records: int = 0
    over: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    moments: list[float] = field(default_factory=list)


def application(latency: float, rate: float) -> web.Application:
    """The routes: POST /records, and GET /truth, which begins anew.

    Args:
        latency: seconds before each answer.
        rate: requests allowed in any second; 0 for as many as come.
    """
    held = {"now": Received()}

    async def records(request: web.Request) -> web.Response:
        now = held["now"]
        moment = time.monotonic()
        now.requests += 1
        now.moments.append(moment)
        if rate and sum(1 for other in now.moments[-int(rate) - 1 :] if other > moment - 1) > rate:
            now.over += 1
        sent = _BATCH.validate_json(await request.read())["records"]
        # A peer's rows are as its model has them.
        keys = [record.get("key") or record["person_id"] for record in sent]
        now.records += len(keys)
        now.keys.update(keys)
        if latency:
            await asyncio.sleep(latency)
        body = orjson.dumps({"results": [{"key": key, "id": f"t{key}"} for key in keys]})
        return web.Response(body=body, content_type="application/json")

    async def truth(request: web.Request) -> web.Response:
        now, held["now"] = held["now"], Received()
        told = {
            "requests": now.requests,
            "records": now.records,
            "people": len(now.keys),
            "over": now.over,
            # Between the first request and the last.
            "seconds": now.moments[-1] - now.moments[0] if now.moments else 0.0,
        }
        return web.json_response(told)

    app = web.Application(client_max_size=256 * 1024 * 1024)
    app.add_routes([web.post("/records", records), web.get("/truth", truth)])
    return app


@contextmanager
def serving(latency: float = 0, rate: float = 0) -> Iterator[str]:
    """A server for the block; its address."""
    command = [sys.executable, "-m", "benchmarks.syncs.server", str(latency), str(rate)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def _serve(latency: float, rate: float) -> None:
    runner = web.AppRunner(application(latency, rate), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    addresses: list[Any] = runner.addresses
    sys.stdout.write(f"http://127.0.0.1:{addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(*map(float, sys.argv[1:])))
