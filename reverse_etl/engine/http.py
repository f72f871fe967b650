"""The one way out: JSON over HTTPS, paced, retried by one policy, with nothing of an answer in any error.

Retried: 429, 5xx, resets, timeouts, answers that are no JSON. Every request that goes through here may be
repeated, for it names its records. Never retried: 401, 403, redirects, and what the caller itself refuses.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.resolver import ThreadedResolver

from reverse_etl.destinations.base import Limits
from reverse_etl.destinations.payload import as_json
from reverse_etl.engine.addresses import PrivateAddress, PublicResolver, is_private
from reverse_etl.engine.limiter import Limiter
from reverse_etl.engine.waits import LONGEST_WAIT, asked_wait, jittered_pause
from reverse_etl.errors import ConfigurationError, LaterError, PermanentError, RetriableError

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
        used_up: True for the content of a 429 that says that a quota is used up, which no pause renews.
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
        used_up: Callable[[bytes], bool],
    ) -> None:
        self._session, self._base, self._limits = session, base_url.rstrip("/"), limits
        self._owner, self._reference, self._on_retry = owner, reference, on_retry
        self._used_up = used_up
        self._limiter = Limiter(limits.requests_per_second)

    async def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Post JSON until it is answered or the attempts are used up.

        Raises:
            RetriableError: not answered in time; the same request may succeed later.
            PermanentError: the credential is refused, or the address answers with a redirect.
            LaterError: a quota is used up, or it asks for a long wait.
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
                    pause = jittered_pause(self._limits.backoff_seconds, attempt, error.retry_after)
                    await asyncio.sleep(pause)
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
                self._refuse_for_now(response, raw)
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

    def _refuse_for_now(self, response: aiohttp.ClientResponse, raw: bytes) -> None:
        if response.status not in RETRIED:
            return
        after = asked_wait(response.headers)
        if response.status == 429 and self._used_up(raw):
            raise LaterError(
                f"{self._owner}: 429, the quota is used up. Stopped at once.",
                "Run again when it is renewed: the plan is kept, and what is left of it is sent.",
            )
        if after is not None and after > LONGEST_WAIT:
            raise LaterError(
                f"{self._owner}: {response.status}, and asks to wait {after:,.0f} s. Stopped at once.",
                "Run again after that: the plan is kept, and what is left of it is sent.",
            )
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
    used_up: Callable[[bytes], bool] = lambda raw: False,
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
        if is_private(parts.hostname or ""):
            raise _private(owner)
    connector = aiohttp.TCPConnector(
        limit=limits.concurrency, resolver=ThreadedResolver() if allow_private else PublicResolver()
    )
    timeout = aiohttp.ClientTimeout(total=limits.timeout_seconds)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
        yield Client(
            session, base_url, limits, owner=owner, reference=reference, on_retry=on_retry, used_up=used_up
        )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER:
            raise RetriableError("an answer without end")
    return b"".join(parts)


def _private(owner: str) -> ConfigurationError:
    return ConfigurationError(
        f"{owner}: its address is private, which this account does not permit.",
        "Set allow_private: true in destinations.yml if that is meant.",
    )


def _kind(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"
