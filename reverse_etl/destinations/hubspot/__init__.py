"""HubSpot contacts: found by a learned id, by kith_person_id or by e-mail, and written in batches of 100."""

from reverse_etl.destinations.base import Capabilities, Kind, Limits
from reverse_etl.destinations.hubspot.config import HubSpotConfig, sandboxed
from reverse_etl.destinations.hubspot.sink import LIFECYCLE, open_sink

KIND = Kind(
    name="hubspot",
    config=HubSpotConfig,
    objects={
        "contacts": Capabilities(
            modes=frozenset({"upsert", "mirror"}),
            on_removed=frozenset({"leave", "clear", "archive"}),
            write=frozenset({"always", "fill_empty", "ours_until_edited", "forward_only"}),
            match=("kith_person_id", "email"),
            written_key="kith_person_id",
            ordered={"lifecyclestage": LIFECYCLE},
            of_people=True,
        )
    },
    limits=Limits(batch=100, requests_per_second=10, concurrency=8),
    open=open_sink,
    sandboxed=sandboxed,
)
