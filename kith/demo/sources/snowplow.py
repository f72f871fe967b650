"""The magazine's site, as Snowplow writes it: one wide table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import (
    MINUTE,
    SECOND,
    Ints,
    chance,
    choice,
    join,
    number_text,
    numbered,
    only,
    pick,
    table,
    times,
    tokens,
    uuids,
)
from kith.demo.schemas import schema
from kith.demo.sources.readers import ANONYMOUS, Readers, Views, make_readers, make_views
from kith.demo.sources.room import Made, Room, World, records

_CONSENT = "unstruct_event_com_snowplowanalytics_snowplow_consent_preferences_1_0_0"
_ROBOT = "contexts_com_iab_snowplow_spiders_and_robots_1_0_0"
TABLES = {
    "events": schema(
        "text: app_id platform ; time: etl_tstamp collector_tstamp dvce_created_tstamp",
        "text: event event_id name_tracker v_tracker user_id user_ipaddress domain_userid",
        "number: domain_sessionidx ; text: network_userid page_url page_title page_referrer",
        "text: page_urlhost page_urlpath mkt_medium mkt_source mkt_campaign mkt_content",
        "text: se_category se_action se_label se_property ; float: se_value",
        "text: useragent domain_sessionid ; time: derived_tstamp",
        "text: event_vendor event_name event_format event_version ; time: load_tstamp",
        f"text: {_CONSENT} {_ROBOT}",
    ),
}
SITE = "https://magazine.example.com"
ARTICLES = ("ten-huts", "first-snow", "how-to-pack", "the-long-traverse", "boots-for-life", "night-skies")
_VIEW, _READ, _SIGN_UP, _CHOICE, _CRAWL = range(5)


def _make(rng: np.random.Generator, world: World) -> Made:
    people = world.people
    readers = make_readers(rng, people, world.habits.reads, 0.6)
    views = make_views(rng, people, readers, len(ARTICLES))
    browser, cookie = uuids(rng, readers.count), uuids(rng, readers.count)
    rows, kind = _events(rng, views)
    known = readers.login_at != ANONYMOUS
    user = people.user_id.take(pa.array(readers.owner))
    login = join(browser, "|", user).filter(pa.array(known))
    return Made(
        {
            "events": pa.concat_tables(
                [
                    _table(rng, world, readers, views, browser=browser, cookie=cookie, rows=rows, kind=kind),
                    _robots(rng, world, max(1, readers.count // 100)),
                ]
            )
        },
        records(
            world,
            "snowplow",
            {
                "anonymous": (browser, readers.owner),
                "user": (user.filter(pa.array(known)), readers.owner[known]),
                "login": (login, readers.owner[known]),
            },
        ),
    )


def _events(rng: np.random.Generator, views: Views) -> tuple[Ints, Ints]:
    """The row of the view and the kind: views, pings of some, a sign-up, the first answer to the banner."""
    first = (views.place == 0) & (views.visit == 1)
    groups = (
        np.arange(views.count),
        np.flatnonzero(chance(rng, views.count, 0.3)),
        np.flatnonzero(chance(rng, views.count, 0.02)),
        np.flatnonzero(first & chance(rng, views.count, 0.8)),
    )
    return np.concatenate(groups), np.repeat(np.arange(4), [len(rows) for rows in groups])


def _table(
    rng: np.random.Generator,
    world: World,
    readers: Readers,
    views: Views,
    *,
    browser: pa.Array,
    cookie: pa.Array,
    rows: Ints,
    kind: Ints,
) -> pa.Table:
    reader, count = views.reader[rows], len(rows)
    index, owner = pa.array(reader), readers.owner[reader]
    moment = np.minimum(views.at[rows] + np.array([0, 10, 15, 3])[kind] * SECOND, world.now - 5 * MINUTE)
    path, title = _page(views.page[rows])
    utm = {
        part: [getattr(campaign, part) for campaign in pools.CAMPAIGNS]
        for part in ("source", "medium", "name")
    }
    landing = np.where(views.place[rows] == 0, views.campaign[rows], 0)
    columns: dict[str, object] = {
        **_named(kind),
        "event_id": uuids(rng, count),
        "user_id": only(views.known[rows], world.people.user_id.take(pa.array(owner))),
        "user_ipaddress": join("192.0.2.", number_text(reader % 254 + 1)),
        "domain_userid": browser.take(index),
        "network_userid": cookie.take(index),
        "domain_sessionidx": views.visit[rows],
        "domain_sessionid": numbered("5e55-", world.people.key[owner] * 8 + views.visit[rows], 12),
        **{"page_url": join(SITE, path), "page_urlpath": path, "page_title": title},
        "page_referrer": pick([campaign.referrer for campaign in pools.CAMPAIGNS], landing),
        "mkt_source": pick(utm["source"], landing),
        "mkt_medium": pick(utm["medium"], landing),
        "mkt_campaign": pick(utm["name"], landing),
        "se_label": only(kind == _SIGN_UP, title),
        "useragent": pick(pools.USER_AGENTS, reader % len(pools.USER_AGENTS)),
        _CONSENT: only(kind == _CHOICE, _choices(rng, count)),
        **_stamps(moment, world.now),
    }
    return table(TABLES["events"], count, columns)


def _page(page: Ints) -> tuple[pa.Array, pa.Array]:
    titles = tuple(article.replace("-", " ").title() for article in ARTICLES)
    return join("/", pick(ARTICLES, page)), pick(titles, page)


def _named(kind: Ints) -> dict[str, object]:
    sign_up = kind == _SIGN_UP
    count = len(kind)
    return {
        **{"app_id": "magazine", "platform": "web", "name_tracker": "sp", "v_tracker": "js-3.24.0"},
        "event": pick(("page_view", "page_ping", "struct", "unstruct", "page_view"), kind),
        "event_name": pick(("page_view", "page_ping", "event", "consent_preferences", "page_view"), kind),
        "event_vendor": "com.snowplowanalytics.snowplow",
        "event_format": "jsonschema",
        "event_version": "1-0-0",
        "page_urlhost": "magazine.example.com",
        "se_category": only(sign_up, pa.repeat("newsletter", count)),
        "se_action": only(sign_up, pa.repeat("Newsletter Signed Up", count)),
    }


def _choices(rng: np.random.Generator, count: int) -> pa.Array:
    scopes = ('["analytics","marketing"]', '["analytics"]', "[]")
    answers = ("allow_all", "allow_selected", "deny_all")
    index = choice(rng, count, (0.6, 0.2, 0.2))
    return join(
        '{"event_type":"',
        pick(answers, index),
        '","basis_for_processing":"consent","consent_version":"2.0",',
        '"consent_scopes":',
        pick(scopes, index),
        "}",
    )


def _stamps(moment: Ints, now: int) -> dict[str, object]:
    collected = np.minimum(moment + SECOND, now)
    return {
        "dvce_created_tstamp": times(moment),
        "derived_tstamp": times(moment),
        "collector_tstamp": times(collected),
        "etl_tstamp": times(np.minimum(collected + MINUTE, now)),
        "load_tstamp": times(np.minimum(collected + 4 * MINUTE, now)),
    }


def _robots(rng: np.random.Generator, world: World, count: int) -> pa.Table:
    """Views by machines, which the enrichment marks."""
    moment = world.now - rng.integers(1, 300, count) * 60 * MINUTE
    path, title = _page(rng.integers(0, len(ARTICLES), count))
    columns: dict[str, object] = {
        **_named(np.full(count, _CRAWL)),
        "event_id": uuids(rng, count),
        "domain_userid": tokens(rng, count),
        **{"page_url": join(SITE, path), "page_urlpath": path, "page_title": title},
        "useragent": "ExampleBot/1.0",
        _ROBOT: '[{"spiderOrRobot":true,"category":"SPIDER_OR_ROBOT","reason":"FAILED_UA_INCLUDE"}]',
        **_stamps(moment, world.now),
    }
    return table(TABLES["events"], count, columns)


SNOWPLOW = Room("snowplow", "snowplow", 19, TABLES, _make, keys={"events": "event_id"})
