"""The kinds of value in destinations.yml that are held to more than their type."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

# `yes` is no number of seconds, and neither is .inf or .nan.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]


def _plain_address(text: str) -> str:
    """Refuse all that an address may carry besides where it is; what was written is never repeated."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.username is not None or parts.password is not None or "@" in text:
        raise PydanticCustomError(
            "secret_in_address",
            "an address holds no user and no password: a credential is written by reference",
        )
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment:
        raise PydanticCustomError("address", "must be an address such as https://api.example.com")
    return text


Address = Annotated[str, AfterValidator(_plain_address)]
