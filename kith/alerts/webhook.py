"""A post of JSON over the engine's own guarded HTTP: https, public addresses, no redirect, no answer told."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from kith.alerts.config import Webhook
from kith.alerts.text import Message
from reverse_etl.config.secrets import resolve
from reverse_etl.destinations import DestinationConfig, Limits, Opening
from reverse_etl.engine.http import Answer, open_client
from reverse_etl.errors import ConfigurationError, PermanentError
from reverse_etl.settings import Settings

# One try: of a post that was not answered nobody knows whether it was read. The next round tries again.
LIMITS = Limits(requests_per_second=1, timeout_seconds=15, max_attempts=1)


class _Account(DestinationConfig):
    url: str

    def secret_reference(self) -> str:
        return self.url


def post(settings: Settings, name: str, channel: Webhook, message: Message) -> None:
    """Post it once.

    Raises:
        ConfigurationError: the reference is not set, or the address is not https or private.
        PermanentError, RetriableError, LaterError: it was not taken; the next round tries again.
    """
    address = urlsplit(resolve(channel.url, settings, name).get_secret_value())
    if address.scheme not in ("https", "http") or not address.hostname:
        raise ConfigurationError(f"{name}: {channel.url} holds no address.", "Set it to one: https://….")
    path = address.path + (f"?{address.query}" if address.query else "")
    account = _Account(kind=name, url=channel.url, allow_private=channel.allow_private)
    opening = Opening("alerts", "", "", account, (), {}, (), None, settings.home, LIMITS, account=name)
    answer = asyncio.run(_post(opening, f"{address.scheme}://{address.netloc}", path, message))
    if answer.status >= 400:
        raise PermanentError(f"{name}: {answer.status} from {channel.url}.", "See whether it is still valid.")


async def _post(opening: Opening, origin: str, path: str, message: Message) -> Answer:
    async with open_client(opening, origin, headers={}, answers_json=False) as client:
        return await client.post(path, {"text": message.text})
