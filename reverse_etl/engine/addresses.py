"""Addresses inside: no account is reached at one unless it says so."""

from __future__ import annotations

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


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
        if any(is_private(item["host"]) for item in found):
            raise PrivateAddress
        return found

    async def close(self) -> None:
        """Nothing to close."""
        await self._inner.close()


def is_private(host: str) -> bool:
    """True for an address or a name that is not public."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
