"""A HubSpot account."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from reverse_etl.config.secrets import SecretReference
from reverse_etl.destinations.base import DestinationConfig

SANDBOX_RATE = 2_000


class HubSpotConfig(DestinationConfig):
    """The token of a private app with the scopes crm.objects.contacts.read and .write; for events,
    analytics.behavioral_events.send."""

    kind: Literal["hubspot"]
    token: SecretReference = Field(description="A private app's token, by reference.")

    def secret_reference(self) -> str | None:
        """The token's."""
        return self.token


def sandboxed(config: HubSpotConfig, base_url: str, folder: Path) -> HubSpotConfig:
    """The same account, at the emulator, which sets no limit of its own."""
    return config.model_copy(
        update={"base_url": base_url, "allow_private": True, "requests_per_second": SANDBOX_RATE}
    )
