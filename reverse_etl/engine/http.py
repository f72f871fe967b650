"""The one way out: JSON over HTTPS, paced, retried by one policy, with nothing of an answer in any error.

Paced by one clock for all who send to the account, and paused when request after request fails. Retried,
within a budget: 429, 5xx, resets, timeouts, answers that are no JSON. Every request that goes through here
may be repeated, for it names its records. Never retried: 401, 403, redirects, and what the caller itself
refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.resolver import ThreadedResolver

from reverse_etl.destinations.base import Opening
from reverse_etl.destinations.payload import as_json
from reverse_etl.engine.addresses import PrivateAddress, PublicResolver, is_private
from reverse_etl.engine.breaker import FIRST_PAUSE, Breaker
from reverse_etl.engine.in_flight import most_in_flight
from reverse_etl.engine.limiter import Limiter
from reverse_etl.engine.pace import PaceFile, account_name
from reverse_etl.engine.rates import RateHeaders, read_rates
from reverse_etl.engine.retries import RetryBudget
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


class _TooMany(RetriableError):
    """Answered 429: the destination is there, and asks for fewer requests."""


class Client:
    """A session with one destination. Open with `open_client`.

    Args:
        pace: the account's.
        used_up: True for the content of a 429 that says that a quota is used up, which no pause renews.
        rates: the headers in which it tells its limit, where they are not the usual ones.
        answers_json: False where the status says all, as of a webhook; then an answer's body is {}.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        opening: Opening,
        pace: PaceFile,
        *,
        used_up: Callable[[bytes], bool],
        rates: RateHeaders | None,
        answers_json: bool,
    ) -> None:
        self._session, self._base, self._limits = session, base_url.rstrip("/"), opening.limits
        self._owner, self._reference = opening.config.kind, opening.config.secret_reference()
        self._on_answer, self._wait = opening.on_answer, opening.wait
        self._on_retry, self._on_circuit = opening.on_retry, opening.on_circuit
        self._used_up, self._rates, self._answers_json = used_up, rates, answers_json
        limits = opening.limits
        self._limiter = Limiter(limits.requests_per_second, pace, stated=limits.rate_is_stated)
        self._breaker = Breaker(self._owner, limits.backoff_seconds * FIRST_PAUSE, self._circuit)
        self._budget = RetryBudget()

    async def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Post JSON until it is answered or the attempts are used up.

        Raises:
            RetriableError: not answered in time; the same request may succeed later.
            PermanentError: the credential is refused, or the address answers with a redirect.
            LaterError: a quota is used up, it asks for a long wait, or it fails at every request; or the
                run is asked to end.
        """
        content = as_json(body)
        last = "no answer"
        for attempt in range(self._limits.max_attempts):
            try:
                return await self._attempt(path, content)
            except RetriableError as error:
                last = error.message
                self._on_retry(last)
                if attempt + 1 < self._limits.max_attempts:
                    if not self._budget.spend():
                        raise RetriableError(f"{self._owner}: {last}, and the retries are used up.") from None
                    pause = jittered_pause(self._limits.backoff_seconds, attempt, error.retry_after)
                    await self._wait(asyncio.sleep(pause))
        raise RetriableError(f"{self._owner}: {last}, {self._limits.max_attempts} times.")

    async def _attempt(self, path: str, content: bytes) -> Answer:
        probe = await self._wait(self._breaker.enter())
        try:
            await self._wait(self._limiter.wait())
            left = time.monotonic()
            answer = await self._once(path, content)
            self._on_answer(time.monotonic() - left, self._limiter.rate)
        except (_TooMany, PermanentError, LaterError):
            self._breaker.answered(probe)
            raise
        except BaseException:
            self._breaker.failed(probe)
            raise
        self._breaker.answered(probe)
        self._budget.earn()
        return answer

    def _circuit(self, state: str, pause: float) -> None:
        if pause:
            self._limiter.pause(pause)
        self._on_circuit(state, pause)

    async def _once(self, path: str, content: bytes) -> Answer:
        try:
            async with self._session.post(
                f"{self._base}{path}",
                data=content,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                allow_redirects=False,
            ) as response:
                self._limiter.heed(read_rates(response.headers, self._rates))
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
            self._limiter.slow_down(after or self._limits.backoff_seconds)
            raise _TooMany("status 429", retry_after=after)
        raise RetriableError(f"status {response.status}", retry_after=after)

    def _parse(self, status: int, raw: bytes) -> dict[str, Any]:
        if status == 204 or not self._answers_json:
            return {}
        try:
            body = orjson.loads(raw)
        except ValueError:
            raise RetriableError(f"status {status} with an answer that is no JSON") from None
        if not isinstance(body, dict):
            raise RetriableError(f"status {status} with an answer of another shape")
        return body


@asynccontextmanager
async def open_client(
    opening: Opening,
    address: str,
    *,
    headers: Mapping[str, str],
    used_up: Callable[[bytes], bool] = lambda raw: False,
    rates: RateHeaders | None = None,
    answers_json: bool = True,
) -> AsyncIterator[Client]:
    """A session with the account for the block.

    Args:
        address: the kind's own, where the account names no base_url.

    Raises:
        ConfigurationError: plain HTTP or a private address, and the account does not allow it.
    """
    config, limits = opening.config, opening.limits
    base_url = config.base_url or address
    if not config.allow_private:
        _require_public(config.kind, base_url)
    resolver = ThreadedResolver() if config.allow_private else PublicResolver()
    connector = aiohttp.TCPConnector(limit=most_in_flight(limits), resolver=resolver)
    timeout = aiohttp.ClientTimeout(total=limits.timeout_seconds)
    name = account_name(
        config.kind, urlsplit(base_url).hostname or "", config.secret_reference(), opening.account
    )
    with closing(PaceFile(opening.home / "limits" / name)) as pace:
        async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
            yield Client(
                session, base_url, opening, pace, used_up=used_up, rates=rates, answers_json=answers_json
            )


def _require_public(owner: str, base_url: str) -> None:
    parts = urlsplit(base_url)
    if parts.scheme != "https":
        raise ConfigurationError(
            f"{owner}: its address is not https.", "Write https, or allow_private: true."
        )
    if is_private(parts.hostname or ""):
        raise _private(owner)


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
        "Set allow_private: true where it is declared, if that is meant.",
    )


def _kind(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"
