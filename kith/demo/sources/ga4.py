"""The campaign's site, as Google Analytics 4 exports it: nested columns as JSON text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo import pools
from kith.demo.columns import (
    SECOND,
    Ints,
    chance,
    choice,
    join,
    json_object,
    number_text,
    only,
    pick,
    quoted,
    table,
    times,
)
from kith.demo.schemas import schema
from kith.demo.sources.readers import ANONYMOUS, Readers, Views, make_readers, make_views
from kith.demo.sources.room import Made, Room, World, records

TABLES = {
    "events": schema(
        "text: event_date ; id: event_timestamp ; text: event_name event_params",
        "id: event_bundle_sequence_id batch_event_index ; text: user_id user_pseudo_id privacy_info",
        "id: user_first_touch_timestamp ; text: device geo traffic_source collected_traffic_source",
        "text: ecommerce items platform stream_id",
    ),
}
SITE = "https://campaign.example.org"
PAGES = ("", "stories", "donate", "huts", "thanks")
_SESSION, _VIEW, _SCROLL, _DONATE = range(4)
_NAMES = ("session_start", "page_view", "scroll", "begin_donation")


def _make(rng: np.random.Generator, world: World) -> Made:
    people = world.people
    readers = make_readers(rng, people, world.habits.campaigns, 0.45)
    views = make_views(rng, people, readers, len(PAGES))
    # Who refuses is counted without an id: nobody can say whose these events are.
    refuses = chance(rng, readers.count, 0.06)
    client = _clients(people.key[readers.owner], people.joined[readers.owner])
    rows, kind = _events(rng, views)
    named = ~refuses
    known = named & (readers.login_at != ANONYMOUS)
    user = people.user_id.take(pa.array(readers.owner))
    login = join(client, "|", user).filter(pa.array(known))
    return Made(
        {"events": _table(rng, world, readers, views, client=only(named, client), rows=rows, kind=kind)},
        records(
            world,
            "ga4",
            {
                "anonymous": (client.filter(pa.array(named)), readers.owner[named]),
                "user": (user.filter(pa.array(known)), readers.owner[known]),
                "login": (login, readers.owner[known]),
            },
        ),
    )


def _clients(key: Ints, joined: Ints) -> pa.Array:
    """Google's ids of browsers: a number and the second in which it was given."""
    return join(number_text(100_000_000 + key * 7_919 % 1_899_999_999), ".", number_text(joined // SECOND))


def _events(rng: np.random.Generator, views: Views) -> tuple[Ints, Ints]:
    """The row of the view and the kind of event on it."""
    groups = (
        np.flatnonzero(views.place == 0),
        np.arange(views.count),
        np.flatnonzero(chance(rng, views.count, 0.4)),
        np.flatnonzero((views.page == 2) & chance(rng, views.count, 0.3)),
    )
    return np.concatenate(groups), np.repeat(np.arange(4), [len(rows) for rows in groups])


def _table(
    rng: np.random.Generator,
    world: World,
    readers: Readers,
    views: Views,
    *,
    client: pa.Array,
    rows: Ints,
    kind: Ints,
) -> pa.Table:
    reader, count = views.reader[rows], len(rows)
    index, owner = pa.array(reader), readers.owner[reader]
    moment = views.at[rows] + kind * SECOND
    landing = np.where(views.place[rows] == 0, views.campaign[rows], 0)
    mobile = reader % 2 == 0
    columns: dict[str, object] = {
        "event_date": pc.strftime(times(moment), format="%Y%m%d"),
        "event_timestamp": moment,
        "event_name": pick(_NAMES, kind),
        "event_params": _params(views, rows, landing),
        "event_bundle_sequence_id": views.visit[rows],
        "batch_event_index": views.place[rows] * 4 + kind,
        "user_id": only(views.known[rows], world.people.user_id.take(pa.array(owner))),
        "user_pseudo_id": client.take(index),
        "privacy_info": _privacy(rng, readers, client).take(index),
        "user_first_touch_timestamp": world.people.joined[owner],
        "device": json_object(
            category=quoted(pick(("desktop", "mobile"), mobile.astype(np.int64))), language='"es-es"'
        ),
        "geo": '{"country":"Spain","continent":"Europe"}',
        "traffic_source": '{"name":"(direct)","medium":"(none)","source":"(direct)"}',
        "collected_traffic_source": _collected(landing),
        **{"platform": "WEB", "stream_id": "7200000001", "items": "[]"},
    }
    return table(TABLES["events"], count, columns)


def _params(views: Views, rows: Ints, landing: Ints) -> pa.Array:
    session = number_text(views.at[rows] // SECOND // 1800 * 1800)
    location = join(SITE, "/", pick(PAGES, views.page[rows]))
    title = pick(tuple(page.title() or "Campaign" for page in PAGES), views.page[rows])
    referrer = pick([campaign.referrer or "" for campaign in pools.CAMPAIGNS], landing)
    return join(
        '[{"key":"page_location","value":{"string_value":"',
        location,
        '"}},',
        '{"key":"page_title","value":{"string_value":"',
        title,
        '"}},',
        '{"key":"page_referrer","value":{"string_value":"',
        referrer,
        '"}},',
        '{"key":"ga_session_id","value":{"int_value":',
        session,
        "}}]",
    )


def _privacy(rng: np.random.Generator, readers: Readers, client: pa.Array) -> pa.Array:
    """Yes to both, to analytics alone, or to neither for those without an id."""
    ads = choice(rng, readers.count, (0.3, 0.7))
    refused = pc.is_null(client).to_numpy(zero_copy_only=False)
    return json_object(
        analytics_storage=quoted(pick(("Yes", "No"), refused.astype(np.int64))),
        ads_storage=quoted(pick(("No", "Yes"), np.where(refused, 0, ads))),
    )


def _collected(landing: Ints) -> pa.Array:
    """Null for what no campaign brought."""
    parts = {
        name: quoted(pick([getattr(campaign, part) for campaign in pools.CAMPAIGNS], landing))
        for name, part in (
            ("manual_source", "source"),
            ("manual_medium", "medium"),
            ("manual_campaign_name", "name"),
        )
    }
    return json_object(**parts)


GA4 = Room("ga4", "ga4", 20, TABLES, _make, keys={"events": "user_pseudo_id"})
