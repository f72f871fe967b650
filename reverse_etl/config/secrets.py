"""Secrets by reference: a file that is committed names where a secret is, never what it is."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings

# Unicode's categories: control characters, and halves of characters that were no UTF-8.
UNSENDABLE = ("Cc", "Cs")
PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+)$"


def _reference(text: str) -> str:
    if not re.match(PATTERN, text):
        raise PydanticCustomError(
            "literal_secret",
            "a secret is written by reference, never here: env:NAME, file:PATH or keyring:SERVICE/USER",
        )
    return text


SecretReference = Annotated[
    str,
    AfterValidator(_reference),
    Field(json_schema_extra={"pattern": PATTERN}, description="env:NAME, file:PATH or keyring:SERVICE/USER"),
]


def resolve(reference: str, settings: Settings, owner: str) -> SecretStr:
    """The secret that a reference names.

    Args:
        owner: the destination's name, for the message.

    Raises:
        ConfigurationError: it is not set, not readable or empty, or no header can hold it; names the
            reference, never a value.
    """
    scheme, _, rest = reference.partition(":")
    found = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}[scheme](rest, settings)
    if not found:
        raise ConfigurationError(
            f"{owner}: the credential {reference} is not set.", f"Set {rest}, or name another reference."
        )
    if any(unicodedata.category(character) in UNSENDABLE for character in found):
        raise ConfigurationError(
            f"{owner}: the credential {reference} holds a line break, another control character or broken "
            "text, which no request can carry.",
            f"Set {rest} anew, as one line of text.",
        )
    return SecretStr(found)


def _from_environment(name: str, settings: Settings) -> str:
    return settings.environment.get(name, "").strip()


def _from_file(name: str, settings: Settings) -> str:
    path = settings.root / Path(name).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _from_keyring(name: str, settings: Settings) -> str:
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise ConfigurationError(
            "The system's keyring cannot be read: the package `keyring` is not installed.",
            "pip install keyring, or use env: or file:.",
        ) from None
    service, _, user = name.partition("/")
    return str(keyring.get_password(service, user) or "").strip()
