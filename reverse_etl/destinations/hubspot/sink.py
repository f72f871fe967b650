"""Opens the sink of a HubSpot object over one session with the account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reverse_etl.destinations.base import Opening, Sink
from reverse_etl.destinations.hubspot.client import BASE_URL, Contacts, is_daily_limit
from reverse_etl.destinations.hubspot.contacts import ContactSink
from reverse_etl.destinations.hubspot.events import EventSink
from reverse_etl.destinations.hubspot.reach import Reach
from reverse_etl.engine.http import open_client
from reverse_etl.engine.rates import RateHeaders

RATES = RateHeaders(
    limit="X-HubSpot-RateLimit-Max",
    remaining="X-HubSpot-RateLimit-Remaining",
    window_ms="X-HubSpot-RateLimit-Interval-Milliseconds",
)


@asynccontextmanager
async def open_sink(opening: Opening) -> AsyncIterator[Sink]:
    """A session with the account, and the object's sink over it."""
    assert opening.secret is not None
    async with open_client(
        opening,
        BASE_URL,
        headers={"Authorization": f"Bearer {opening.secret.get_secret_value()}"},
        used_up=is_daily_limit,
        rates=RATES,
    ) as client:
        if opening.object == "events":
            yield EventSink(client, opening)
        else:
            yield ContactSink(Reach(Contacts(client, opening.fields), opening), opening)
