"""Answers as they go over the wire: broken off, cut short, or with a wait in one of its two forms."""

from __future__ import annotations

import time
from email.utils import formatdate

from aiohttp import web


def wait_header(seconds: float, *, as_date: bool) -> str:
    """Retry-After, in seconds or as a date."""
    if not as_date:
        return f"{seconds:g}"
    # By the clock of the answer's own Date.
    return formatdate(time.time() + seconds, usegmt=True)


def broken(fault: str, request: web.Request) -> web.Response:
    """An error, nothing at all, or a connection cut without an answer."""
    if fault == "empty":
        return web.Response(status=200)
    if fault == "reset":
        assert request.transport is not None
        request.transport.abort()
    return web.Response(status=503, text="upstream error")


async def cut(request: web.Request) -> web.StreamResponse:
    """An answer that ends in the middle."""
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"status": "COMPLETE", "results": [')
    assert request.transport is not None
    request.transport.close()
    return response
