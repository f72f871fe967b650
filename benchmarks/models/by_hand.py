"""The reference: staging and events as one writes them by hand for DuckDB, in one query, unchecked."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.models.data import TABLES, TRACKED

TYPES = {table: table.replace("_", " ").title() for table in TRACKED}
OWN = ("product_id", "name", "price", "quantity", "cart_id", "order_id", "value", "total", "currency")
CALL = "id, original_timestamp, received_at, anonymous_id, user_id, context_page_url"
CAMPAIGN = "context_campaign_source, context_campaign_medium, context_campaign_name"


def write_events(warehouse: Path, output: Path, *, keep_tables: bool) -> None:
    """Write `events` to `output`; with `keep_tables` each raw table, judged, beside it as Kith does."""
    output.unlink(missing_ok=True)
    with duckdb.connect(str(output)) as connection:
        connection.execute(f"set TimeZone = 'UTC'; attach '{warehouse}' as raw (read_only)")
        if keep_tables:
            for table in (*TABLES, "tracks", "identifies"):
                connection.execute(f"create table base_{table} as {_judged(table)}")
        read = {
            table: f"base_{table}" if keep_tables else f"({_judged(table)})" for table in (*TABLES, "tracks")
        }
        connection.execute(f"create table events as {events_query(read)}")


def _judged(table: str) -> str:
    """Each row with whether it counts: the last loaded of its id."""
    return f"""
        select *, id as record_id, received_at as loaded_at,
            case when row_number() over (partition by id order by received_at desc) = 1
                then 'staged' else 'duplicate' end as row_status
        from raw.segment.{table}"""


def _json(numbers: tuple[str, ...] = (), **members: str) -> str:
    """A JSON object of what is not null; of `numbers` the text as it is."""
    parts = [
        f"""'"{name}":' || {column if name in numbers else f"to_json({column})"}"""
        for name, column in sorted(members.items())
    ]
    return "'{' || concat_ws(',', " + ", ".join(parts) + ") || '}'"


def events_query(read: dict[str, str]) -> str:
    """The query; `read` says from which relation each table is read."""
    commerce = " union all by name ".join(
        f"select {CALL}, {CAMPAIGN}, '{TYPES[table]}' as event_type, "
        f"columns(lambda c: c in {OWN}) from {read[table]} where row_status = 'staged'"
        for table in TRACKED
    )
    numbers = ("price", "value", "total", "quantity")
    properties = _json(numbers, **{name: f"c.{name}" for name in OWN})
    return f"""
    with commerce as ({commerce}),
    seen as (
        select 'page|' || id as event_id, 'Page Viewed' as event_type, original_timestamp as occurred_at,
            received_at as loaded_at, anonymous_id, user_id, url, referrer, {CAMPAIGN}, 'web' as platform,
            {_json(path="path", title="title", search="search")} as properties
        from {read["pages"]} where row_status = 'staged'
        union all
        select 'screen|' || id, 'Screen Viewed', original_timestamp, received_at, anonymous_id, user_id,
            null, null, null, null, null, 'app', {_json(name="name")}
        from {read["screens"]} where row_status = 'staged'
        union all
        select 'track|' || coalesce(t.id, c.id), coalesce(c.event_type, t.event_text),
            coalesce(t.original_timestamp, c.original_timestamp), coalesce(t.received_at, c.received_at),
            coalesce(t.anonymous_id, c.anonymous_id), coalesce(t.user_id, c.user_id),
            coalesce(t.context_page_url, c.context_page_url), null,
            coalesce(t.context_campaign_source, c.context_campaign_source),
            coalesce(t.context_campaign_medium, c.context_campaign_medium),
            coalesce(t.context_campaign_name, c.context_campaign_name), 'web', {properties}
        from (from {read["tracks"]} where row_status = 'staged') as t
        full join commerce as c on t.id = c.id
    )
    select 'segment' as source, case when user_id is null then 'anonymous' else 'user' end as record_type,
        coalesce(user_id, anonymous_id) as record_id, event_id, event_type, occurred_at, loaded_at, platform,
        anonymous_id as visitor_id, url, referrer, context_campaign_source as utm_source,
        context_campaign_medium as utm_medium, context_campaign_name as utm_campaign, properties
    from seen"""
