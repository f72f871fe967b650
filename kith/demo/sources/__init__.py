"""The demo's further sources: one room each, which writes down what the same people do elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from kith.demo.sources.external import EXTERNAL
from kith.demo.sources.ga4 import GA4
from kith.demo.sources.hubspot_email import HUBSPOT_EMAIL
from kith.demo.sources.hubspot_sales import HUBSPOT_SALES
from kith.demo.sources.klaviyo import KLAVIYO
from kith.demo.sources.mailchimp import MAILCHIMP
from kith.demo.sources.room import Room
from kith.demo.sources.rudderstack import RUDDERSTACK
from kith.demo.sources.salesforce import SALESFORCE
from kith.demo.sources.segment_groups import SEGMENT_GROUPS
from kith.demo.sources.snowplow import SNOWPLOW
from kith.demo.sources.square import SQUARE
from kith.demo.sources.stripe import STRIPE
from reverse_etl.errors import UsageError

ROOMS = {
    room.name: room
    for room in (
        SQUARE,
        EXTERNAL,
        KLAVIYO,
        MAILCHIMP,
        HUBSPOT_EMAIL,
        STRIPE,
        SALESFORCE,
        RUDDERSTACK,
        SNOWPLOW,
        GA4,
        SEGMENT_GROUPS,
        HUBSPOT_SALES,
    )
}


def read_sources(text: str) -> tuple[str, ...]:
    """The names in `core`, `all` or a list with commas, in the order of ROOMS. The core's go without saying.

    Raises:
        UsageError: a name that is none.
    """
    if text == "core":
        return ()
    wanted = set(ROOMS) if text == "all" else {name.strip() for name in text.split(",")}
    unknown = sorted(wanted - set(ROOMS))
    if unknown:
        raise UsageError(
            f"--sources names `{unknown[0]}`, which the demo cannot make.",
            f"Give core, all, or some of {', '.join(ROOMS)}.",
        )
    return tuple(name for name in ROOMS if name in wanted)


def rooms(names: Sequence[str]) -> list[Room]:
    """The rooms of these names."""
    return [ROOMS[name] for name in names]


def switched_on(names: Sequence[str]) -> dict[str, dict[str, bool]]:
    """The dbt variables under which a build reads these sources."""
    return {room.source: {"enabled": True} for room in rooms(names)}
