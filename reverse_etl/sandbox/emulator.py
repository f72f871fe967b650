"""An emulated destination: it answers calls, suffers faults, and remembers what it was sent.

A kind has one in its folder: `emulator.py`, with a class called `EMULATOR`. It says what the destination
does with a call; faults, counts and the wire are here.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from aiohttp import web

from reverse_etl.sandbox.faults import Faults
from reverse_etl.sandbox.store import Store
from reverse_etl.sandbox.wire import broken, cut, wait_header

Body = dict[str, Any]

LONGEST_HANG = 60.0


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


class Applied(NamedTuple):
    """One record that a call changed.

    Attributes:
        request: the number of the request that did it, from 1.
        key: what the sync calls the record, where the account keeps that.
        content: stands for what was written; None for a removal.
        at: seconds of a clock that only grows.
    """

    request: int
    id: str
    key: str | None
    content: int | None
    at: float


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
        applied: what was changed, in that order, repeats included.
        violations: requests over the limit that the faults set.
        tokens: the credentials seen.
        watch: called with a request's number when it has come, and again when it was carried out.
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
        self.applied: list[Applied] = []
        self.violations = 0
        self.tokens: set[str] = set()
        self.watch: Callable[[int], None] = lambda number: None
        self._answering = 0
        self._banned_until = 0.0

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the destination does with a call, and says of it."""

    def records(self) -> dict[str, dict[str, str]]:
        """id → field → text of what the account holds now, fields called as a sync calls them."""
        return {id_: dict(held) for id_, held in self.store.by_id.items() if held}

    def refusal(self, status: int, code: str, text: str) -> Reply:
        """An error in the destination's own shape."""
        return Reply(status, {"code": code, "message": text})

    def used_up(self) -> Reply:
        """The answer when the day's requests are used up."""
        return self.refusal(429, "DAILY_LIMIT", "You have reached your daily limit.")

    def wrote(self, id_: str, key: str | None, fields: Mapping[str, str]) -> None:
        """Remember that a record was written."""
        self.received.append(id_)
        content = hash(frozenset(fields.items()))
        self.applied.append(Applied(self._answering, id_, key, content, time.monotonic()))

    def took_out(self, id_: str, key: str | None) -> None:
        """Remember that a record was removed."""
        self.removed.append(id_)
        self.applied.append(Applied(self._answering, id_, key, None, time.monotonic()))

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
        number = self.requests
        self.moments.append(time.monotonic())
        content = await request.read()
        self.watch(number)
        call = Call(request.method, path, await request.json() if content else {}, request.headers)
        self.largest = max(self.largest, self.records_in(call))
        self.tokens.add(self.credential(call))
        over = self._over()
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        fault = None if self.faults.only_writes and self.is_read(call) else self.faults.draw()
        early = self._early(call, "too_many" if over else fault, number)
        if early is not None:
            return early
        if fault == "hang":
            await asyncio.sleep(LONGEST_HANG)
            return broken("reset", request)
        # A connection may break before the work is done, and after.
        if fault in ("error", "reset") and not self.faults.chance(self.faults.after):
            return broken(fault, request)
        self._answering = number
        reply = self.answer(call)
        self.watch(number)
        if fault in ("error", "reset", "truncated", "empty"):
            return await cut(request) if fault == "truncated" else broken(fault, request)
        return self._response(reply, call)

    def _over(self) -> bool:
        """True when a request comes over the limit, or while one that did is made up for."""
        limit, now = self.faults.requests_per_second, self.moments[-1]
        if limit is None:
            return False
        lately = sum(now - moment < 1 for moment in self.moments[-int(limit) - 1 :])
        if now >= self._banned_until and lately > limit:
            self.violations += 1
            self._banned_until = now + self.faults.ban_seconds
        return now < self._banned_until

    def _early(self, call: Call, fault: str | None, number: int) -> web.Response | None:
        """The answer of a request that is not carried out; None for others."""
        faults = self.faults
        if faults.redirect_to:
            return web.Response(status=302, headers={"Location": faults.redirect_to})
        if fault == "html":
            return web.Response(text="<html><body>ok</body></html>", content_type="text/html")
        refused = self._refused(call, fault, number)
        if refused is None:
            return None
        response = self._response(refused, call)
        if fault == "too_many" and faults.retry_after is not None:
            response.headers["Retry-After"] = wait_header(faults.retry_after, as_date=faults.as_date)
        return response

    def _refused(self, call: Call, fault: str | None, number: int) -> Reply | None:
        faults = self.faults
        if faults.daily_quota is not None and number > faults.daily_quota:
            return self.used_up()
        revoked = faults.revoke_after is not None and number > faults.revoke_after
        if revoked or not self.credential(call):
            return self.refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if fault == "too_many":
            return self.refusal(429, "RATE_LIMITS", "You have reached your limit.")
        if faults.poisons(_texts(call.body)):
            return self.refusal(400, "INVALID_INPUT", "The input is not valid.")
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
