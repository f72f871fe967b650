"""`orchestration/alerts.yml`: the channels that alerts go to, by name. Without the file nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from reverse_etl.config.lines import Document, read_document
from reverse_etl.config.load import shown_path
from reverse_etl.config.models import Strict
from reverse_etl.config.problems import Problem, nearest, refuse
from reverse_etl.config.secrets import PATTERN, SecretReference, resolve
from reverse_etl.config.sentences import problems_of
from reverse_etl.settings import Settings

PERMIT = Field(False, description="Permit a private address, and one without TLS.")


class Webhook(Strict):
    """JSON with the key `text`, as Slack, Mattermost and Teams' workflows take it."""

    kind: Literal["webhook"]
    url: SecretReference = Field(description="Its address, by reference: who knows it may post there.")
    allow_private: bool = PERMIT


class Email(Strict):
    """A mail by SMTP. Addresses may be references too."""

    kind: Literal["email"]
    host: str = Field(min_length=1)
    port: int = Field(587, strict=True, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="none needs allow_private.")
    user: str | None = Field(None, min_length=1)
    password: SecretReference | None = None
    from_: str = Field(alias="from", min_length=1)
    to: list[str] = Field(min_length=1)
    allow_private: bool = PERMIT


Channel = Webhook | Email
KINDS: dict[str, type[Webhook] | type[Email]] = {"webhook": Webhook, "email": Email}


def alerts_file(settings: Settings) -> Path:
    """Where the channels are written."""
    return settings.root / "orchestration" / "alerts.yml"


def read_channels(settings: Settings) -> dict[str, Channel]:
    """The channels by name; none without the file.

    Raises:
        UsageError: the file has mistakes; each with its line.
    """
    path = alerts_file(settings)
    if not path.is_file():
        return {}
    document, problems = read_document(path, shown_path(path, settings)), list[Problem]()
    found = {name: _channel(document, name, entry, problems) for name, entry in document.data.items()}
    refuse(problems)
    return {name: channel for name, channel in found.items() if channel is not None}


def plain(text: str, settings: Settings, owner: str) -> str:
    """The text, or what it refers to.

    Raises:
        ConfigurationError: it refers to what is not set.
    """
    return resolve(text, settings, owner).get_secret_value() if re.match(PATTERN, text) else text


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kith's alerts",
        "type": "object",
        "additionalProperties": {"oneOf": [kind.model_json_schema(by_alias=True) for kind in KINDS.values()]},
    }


def _channel(document: Document, name: str, entry: Any, problems: list[Problem]) -> Channel | None:
    kind = entry.get("kind") if isinstance(entry, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        near = nearest(kind, KINDS) if isinstance(kind, str) else f" One of: {', '.join(KINDS)}."
        problems.append(document.problem((name, "kind"), f"`{name}` needs a `kind` of channel.{near}"))
        return None
    try:
        channel = KINDS[kind].model_validate(entry)
    except ValidationError as error:
        problems += problems_of(error, KINDS[kind], document, (name,), entry)
        return None
    if isinstance(channel, Email) and channel.security == "none" and not channel.allow_private:
        text = "`security: none` sends in the clear: write starttls or tls, or allow_private: true."
        problems.append(document.problem((name, "security"), text))
    return channel
