"""The one way out: JSON over HTTPS, paced, retried by one policy, with nothing of an answer in any error.

Retried: 429, 5xx, resets, timeouts, answers that are no JSON. Every request that goes through here may be
repeated, for it names its records. Never retried: 401, 403, redirects, and what the caller itself refuses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from reverse_etl.destinations.base import Limits
from reverse_etl.destinations.payload import as_json
from reverse_etl.engine.limiter import Limiter
from reverse_etl.errors import ConfigurationError, PermanentError, RetriableError

LONGEST_PAUSE = 30.0
LONGEST_ANSWER = 32 * 1024 * 1024
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class Answer:
    """A well-formed answer. `body` is {} for an answer without content (204)."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]


class Client:
    """A session with one destination. Open with `open_client`.

    Args:
        owner: the destination's name, for messages.
        reference: how its credential is named there, for messages.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        limits: Limits,
        *,
        owner: str,
        reference: str | None,
        on_retry: Callable[[str], None],
    ) -> None:
        self._session, self._base, self._limits = session, base_url.rstrip("/"), limits
        self._owner, self._reference, self._on_retry = owner, reference, on_retry
        self._limiter = Limiter(limits.requests_per_second)

    async def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Post JSON until it is answered or the attempts are used up.

        Raises:
            RetriableError: not answered in time; the same request may succeed later.
            PermanentError: the credential is refused, or the address answers with a redirect.
        """
        content = as_json(body)
        last = "no answer"
        for attempt in range(self._limits.max_attempts):
            await self._limiter.wait()
            try:
                return await self._once(path, content)
            except RetriableError as error:
                last = error.message
                self._on_retry(last)
                if attempt + 1 < self._limits.max_attempts:
                    await asyncio.sleep(self._pause(attempt, error.retry_after))
        raise RetriableError(f"{self._owner}: {last}, {self._limits.max_attempts} times.")

    async def _once(self, path: str, content: bytes) -> Answer:
        try:
            async with self._session.post(
                f"{self._base}{path}",
                data=content,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                allow_redirects=False,
            ) as response:
                self._refuse_fatal(response.status)
                raw = await _read(response)
                self._refuse_for_now(response)
                return Answer(response.status, self._parse(response.status, raw), response.headers)
        except aiohttp.ClientConnectorDNSError as error:
            if isinstance(error.__cause__, PrivateAddress):
                raise _private(self._owner) from None
            raise RetriableError("its name cannot be resolved") from None
        except aiohttp.ClientSSLError:
            raise RetriableError("its certificate is not trusted, or TLS failed") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RetriableError(_kind(error)) from None

    def _refuse_fatal(self, status: int) -> None:
        if status in (401, 403):
            raise PermanentError(
                f"{self._owner}: {status} for the token in {self._reference}. Stopped at once.",
                "Renew it or give it the missing scope, then run again: the rest is planned anew.",
            )
        if 300 <= status < 400:
            raise PermanentError(
                f"{self._owner}: {status}, a redirect, which is never followed. Stopped at once.",
                "Set base_url to the address that answers.",
            )

    def _refuse_for_now(self, response: aiohttp.ClientResponse) -> None:
        if response.status not in RETRIED:
            return
        after = retry_after(response.headers.get("Retry-After"))
        if response.status == 429:
            self._limiter.pause(after or self._limits.backoff_seconds)
        raise RetriableError(f"status {response.status}", retry_after=after)

    def _parse(self, status: int, raw: bytes) -> dict[str, Any]:
        if status == 204:
            return {}
        try:
            body = json.loads(raw)
        except ValueError:
            raise RetriableError(f"status {status} with an answer that is no JSON") from None
        if not isinstance(body, dict):
            raise RetriableError(f"status {status} with an answer of another shape")
        return body

    def _pause(self, attempt: int, after: float | None) -> float:
        # Full jitter: clients that failed together do not come back together.
        longest = min(LONGEST_PAUSE, self._limits.backoff_seconds * 2**attempt)
        return (after or 0.0) + random.uniform(0, longest)  # noqa: S311


@asynccontextmanager
async def open_client(
    base_url: str,
    limits: Limits,
    *,
    owner: str,
    headers: Mapping[str, str],
    reference: str | None,
    allow_private: bool,
    on_retry: Callable[[str], None],
) -> AsyncIterator[Client]:
    """A session for the block.

    Raises:
        ConfigurationError: plain HTTP or a private address, and the account does not allow it.
    """
    parts = urlsplit(base_url)
    if not allow_private:
        if parts.scheme != "https":
            raise ConfigurationError(
                f"{owner}: base_url is not https.", "Write https, or allow_private: true."
            )
        if _is_private(parts.hostname or ""):
            raise _private(owner)
    connector = aiohttp.TCPConnector(
        limit=limits.concurrency, resolver=ThreadedResolver() if allow_private else PublicResolver()
    )
    timeout = aiohttp.ClientTimeout(total=limits.timeout_seconds)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
        yield Client(session, base_url, limits, owner=owner, reference=reference, on_retry=on_retry)


class PrivateAddress(OSError):
    """A public name that resolves to a private address."""


class PublicResolver(AbstractResolver):
    """Resolves, and refuses addresses inside: what is checked is what is connected to."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The host's addresses, all of them public."""
        found = await self._inner.resolve(host, port, family)
        if any(_is_private(item["host"]) for item in found):
            raise PrivateAddress
        return found

    async def close(self) -> None:
        """Nothing to close."""
        await self._inner.close()


def retry_after(header: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None when absent or nonsense."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - now()).total_seconds()) if moment.tzinfo else None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER:
            raise RetriableError("an answer without end")
    return b"".join(parts)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _private(owner: str) -> ConfigurationError:
    return ConfigurationError(
        f"{owner}: its address is private, which this account does not permit.",
        "Set allow_private: true in destinations.yml if that is meant.",
    )


def _kind(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"
