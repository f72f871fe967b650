"""The demo's own "now", so that the same command tells the same story on any day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from reverse_etl.settings import Settings, read_clock

DEMO_NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def demo_now(environment: Mapping[str, str]) -> datetime:
    """KITH_NOW when it is set, else the demo's moment; aware, in UTC."""
    text = environment.get("KITH_NOW")
    return read_clock(text) if text else DEMO_NOW


def built_at(settings: Settings) -> datetime:
    """When the demo's models count as built: by the clock of the commands after it, which is not its own.

    Never before the demo's own moment, at which its syncs look.
    """
    return max(settings.now, read_clock(settings.environment.get("KITH_NOW")))
