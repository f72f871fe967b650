"""An emulated destination: it answers calls, suffers faults, and remembers what it was sent.

A kind has one in its folder: `emulator.py`, with a class called `EMULATOR`. It says what the destination
does with a call; faults, counts and the wire are here.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from aiohttp import web

from reverse_etl.sandbox.faults import Faults
from reverse_etl.sandbox.store import Store

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request. `path` starts after the emulator's prefix."""

    method: str
    path: str
    body: Body
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer; a body of None has no content."""

    status: int
    body: Body | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Emulator(ABC):
    """One emulated account.

    Args:
        path: a file that keeps what the account holds; None keeps it in memory.

    Attributes:
        prefix: where it is served; None for /<kind>.
        names_each: True when answers name each record, and not the batch as a whole.
        store: what the account holds.
        requests: requests received, faulty ones included.
        moments: when each came, in seconds of a clock that only grows.
        largest: records in the fullest request.
        received: ids of records written, repeats included.
        removed: ids of records removed, repeats included.
        tokens: the credentials seen.
    """

    prefix: ClassVar[str | None] = None
    names_each: ClassVar[bool] = True

    def __init__(self, faults: Faults, path: Path | None = None) -> None:
        self.faults = faults
        self.store = Store(path)
        self.requests = 0
        self.largest = 0
        self.moments: list[float] = []
        self.received: list[str] = []
        self.removed: list[str] = []
        self.tokens: set[str] = set()

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the destination does with a call, and says of it."""

    def records(self) -> dict[str, dict[str, str]]:
        """id → field → text of what the account holds now, fields called as a sync calls them."""
        return {id_: dict(held) for id_, held in self.store.by_id.items() if held}

    def refusal(self, status: int, code: str, text: str) -> Reply:
        """An error in the destination's own shape."""
        return Reply(status, {"code": code, "message": text})

    def credential(self, call: Call) -> str:
        """The credential that a call carries, "" for none."""
        return call.headers.get("Authorization", "").removeprefix("Bearer ")

    def is_read(self, call: Call) -> bool:
        """True for a call that changes nothing."""
        return call.method == "GET"

    def records_in(self, call: Call) -> int:
        """Records that a call is about."""
        return max((len(part) for part in call.body.values() if isinstance(part, list)), default=0)

    def answered(self, results: list[Body]) -> list[Body]:
        """The results that an answer names: out of order, and without those that the faults leave out."""
        kept = [result for result in results if self.faults.random.random() >= self.faults.unnamed]
        self.faults.random.shuffle(kept)
        return kept

    def truth(self) -> Body:
        """What the account holds, and how it came about."""
        return {
            "requests": self.requests,
            "received": list(self.received),
            "removed": list(self.removed),
            "records": self.records(),
        }

    async def serve(self, request: web.Request, path: str) -> web.StreamResponse:
        """Answer over the wire, faults and all."""
        if path == "/__truth":
            return web.json_response(self.truth())
        self.requests += 1
        self.moments.append(time.monotonic())
        content = await request.read()
        call = Call(request.method, path, await request.json() if content else {}, request.headers)
        self.largest = max(self.largest, self.records_in(call))
        self.tokens.add(self.credential(call))
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        fault = None if self.faults.only_writes and self.is_read(call) else self.faults.draw()
        early = self._early(call, fault)
        if early is not None:
            return early
        # A connection may break before the work is done, and after.
        if fault in ("error", "reset") and self.faults.random.random() < 0.5:
            return _broken(fault, request)
        reply = self.answer(call)
        if fault in ("error", "reset", "truncated", "empty"):
            return await _cut(request) if fault == "truncated" else _broken(fault, request)
        return self._response(reply, call)

    def _early(self, call: Call, fault: str | None) -> web.Response | None:
        faults = self.faults
        if faults.redirect_to:
            return web.Response(status=302, headers={"Location": faults.redirect_to})
        revoked = faults.revoke_after is not None and self.requests > faults.revoke_after
        if revoked or not self.credential(call):
            text = "Authentication credentials not found."
            return self._response(self.refusal(401, "INVALID_AUTHENTICATION", text), call)
        if fault == "too_many":
            response = self._response(self.refusal(429, "RATE_LIMITS", "You have reached your limit."), call)
            if faults.retry_after is not None:
                response.headers["Retry-After"] = str(faults.retry_after)
            return response
        if faults.poisons(_texts(call.body)):
            return self._response(self.refusal(400, "INVALID_INPUT", "The input is not valid."), call)
        if fault == "html":
            return web.Response(text="<html><body>ok</body></html>", content_type="text/html")
        return None

    def _response(self, reply: Reply, call: Call) -> web.Response:
        if reply.body is None:
            return web.Response(status=reply.status, headers=reply.headers)
        body = reply.body
        if self.faults.leak and reply.status >= 400:
            body = {**body, "message": f"{body.get('message')} {self.credential(call)} {call.body}"}
        return web.json_response(body, status=reply.status, headers=reply.headers)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a body."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)


def _broken(fault: str, request: web.Request) -> web.Response:
    if fault == "empty":
        return web.Response(status=200)
    if fault == "reset":
        assert request.transport is not None
        request.transport.abort()
    return web.Response(status=503, text="upstream error")


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"status": "COMPLETE", "results": [')
    assert request.transport is not None
    request.transport.close()
    return response
