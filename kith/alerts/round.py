"""One round: look, compare with what is known, tell each channel what it was not told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kith.alerts.config import Channel, Webhook, read_channels
from kith.alerts.look import look
from kith.alerts.mail import send_mail
from kith.alerts.store import Incident, Incidents, open_incidents
from kith.alerts.text import message
from kith.alerts.webhook import post
from reverse_etl.errors import KithError
from reverse_etl.settings import Settings
from reverse_etl.state.lease import sync_lease


@dataclass(frozen=True)
class Told:
    """What became of a channel.

    Attributes:
        begun: incidents whose begin it was told, or is to be.
        error: why it was not; then the next round tries again.
    """

    channel: str
    begun: int
    ended: int
    error: str | None = None


@dataclass(frozen=True)
class Round:
    """What a round found and told.

    Attributes:
        open: incidents that go on, the oldest first.
        told: a channel that had nothing to be told is not among them.
        channels: how many there are.
    """

    open: list[Incident]
    told: list[Told]
    channels: int

    @property
    def ok(self) -> bool:
        """True when every channel was told all."""
        return not any(told.error for told in self.told)


def alert_round(settings: Settings) -> Round:
    """Look at all there is, once; tell what is new and what is over. Without channels nothing is sent.

    Raises:
        UsageError: orchestration/alerts.yml has mistakes; the incidents are kept all the same.
        HeldError: another round is under way.
    """
    with sync_lease(settings.home, "alerts", "round"), open_incidents(settings.home) as incidents:
        incidents.compare(look(settings, incidents), settings.now)
        channels = read_channels(settings)
        told = [
            found for name, channel in channels.items() for found in _tell(settings, incidents, name, channel)
        ]
        return Round(incidents.open(), told, len(channels))


def _tell(settings: Settings, incidents: Incidents, name: str, channel: Channel) -> Iterator[Told]:
    begun, ended = incidents.untold(name)
    if not begun and not ended:
        return
    said = message(begun, ended, incidents.open(), settings.now)
    try:
        if isinstance(channel, Webhook):
            post(settings, name, channel, said)
        else:
            send_mail(settings, name, channel, said)
    except KithError as error:
        yield Told(name, len(begun), len(ended), str(error))
        return
    incidents.told(name, begun, ended)
    yield Told(name, len(begun), len(ended))
