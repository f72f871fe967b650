"""HubSpot: contacts, found by a learned id, by kith_person_id or by e-mail; and custom events."""

from reverse_etl.destinations.base import Capabilities, Kind, Limits
from reverse_etl.destinations.hubspot.config import HubSpotConfig, sandboxed
from reverse_etl.destinations.hubspot.reach import LIFECYCLE
from reverse_etl.destinations.hubspot.sink import open_sink

KIND = Kind(
    name="hubspot",
    config=HubSpotConfig,
    objects={
        "contacts": Capabilities(
            modes=frozenset({"insert", "update", "upsert", "mirror"}),
            on_removed=frozenset({"leave", "clear", "archive", "delete"}),
            on_withdrawn="archive",
            write=frozenset({"always", "fill_empty", "ours_until_edited", "forward_only"}),
            match=("kith_person_id", "email"),
            written_key="kith_person_id",
            ordered={"lifecyclestage": LIFECYCLE},
            of_people=True,
            merges=True,
            undo=True,
            read=True,
            singly=frozenset({"delete", "merge"}),
            recycled="from HubSpot's recycling bin, within 90 days",
        ),
        "events": Capabilities(
            modes=frozenset({"event"}),
            of_people=True,
            required=(("eventName",), ("occurredAt",), ("email", "objectId", "utk")),
        ),
    },
    limits=Limits(batch=100, requests_per_second=10, concurrency=8),
    open=open_sink,
    sandboxed=sandboxed,
)
