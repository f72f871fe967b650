{#- Pages, screens, tracks and groups, each event once though trackers write it in two tables. With a moment (SQL) at
    least those loaded since. -#}
{% macro behaviour_events(source_name, since=none) %}
{%- set base = 'base_' ~ source_name ~ '__' -%}
{%- set commerce = kith.staging_relation('stg_' ~ source_name ~ '__commerce_events', since) -%}
{%- set tracked = kith.staging_relation(base ~ 'tracks', since) -%}
with

{% if since %}
recent_commerce_events as (

    select * from {{ commerce }} where loaded_at is null or loaded_at >= {{ since }}

),

recent_tracks as (

    select * from {{ tracked }}
    where row_status = 'staged' and not is_deleted and (loaded_at is null or loaded_at >= {{ since }})

),

-- Of these events the other half may have come before.
alone as (

    select coalesce(recent_tracks.id, recent_commerce_events.id) as id
    from recent_tracks
    full outer join recent_commerce_events on recent_tracks.id = recent_commerce_events.id
    where recent_tracks.id is null or recent_commerce_events.id is null

),

commerce_events as (

    select * from recent_commerce_events
    union all
    select * from {{ commerce }}
    where loaded_at < {{ since }} and id in (select id from alone)

),

tracks as (

    select
        *,
        {{ kith.event_type_of('coalesce(event_text, event)') }} as event_name
    from (
        select * from recent_tracks
        union all
        select * from {{ tracked }}
        where row_status = 'staged' and not is_deleted and loaded_at < {{ since }} and id in (select id from alone)
    ) as tracks

),
{% else %}
commerce_events as (

    select * from {{ commerce }}

),

tracks as (

    select
        *,
        {{ kith.event_type_of('coalesce(event_text, event)') }} as event_name
    from {{ tracked }}
    where row_status = 'staged' and not is_deleted

),
{% endif %}

-- Tracks have every event, an event's own table its properties: one event, whichever of the two has come.
tracked as (

    select
        'track|' || coalesce(tracks.id, commerce_events.id) as event_id,
        coalesce(commerce_events.event_type, tracks.event_name, 'Unnamed Event') as event_type,
        coalesce(tracks.occurred_at, commerce_events.occurred_at) as occurred_at,
        {{ kith.last_loaded(['tracks.loaded_at', 'commerce_events.loaded_at']) }} as loaded_at,
        coalesce(tracks.anonymous_id, commerce_events.anonymous_id) as anonymous_id,
        coalesce(tracks.user_id, commerce_events.user_id) as user_id,
        coalesce(tracks.context_page_url, commerce_events.context_page_url) as url,
        coalesce(tracks.context_page_referrer, commerce_events.context_page_referrer) as referrer,
        coalesce(tracks.context_campaign_source, commerce_events.context_campaign_source) as utm_source,
        coalesce(tracks.context_campaign_medium, commerce_events.context_campaign_medium) as utm_medium,
        coalesce(tracks.context_campaign_name, commerce_events.context_campaign_name) as utm_campaign,
        coalesce(
            tracks.context_app_name, tracks.context_device_id,
            commerce_events.context_app_name, commerce_events.context_device_id
        ) as app,
        coalesce(tracks.context_library_name, commerce_events.context_library_name) as library,
        {{ kith.json_object({
            'product_id': 'commerce_events.product_id',
            'name': 'commerce_events.product_name',
            'price': ['number', 'commerce_events.price'],
            'quantity': ['number', 'commerce_events.quantity'],
            'cart_id': 'commerce_events.cart_id',
            'order_id': 'commerce_events.order_id',
            'checkout_id': 'commerce_events.checkout_id',
            'value': ['number', 'commerce_events.cart_value'],
            'total': ['number', 'commerce_events.total'],
            'currency': 'commerce_events.currency',
        }) }} as properties
    from tracks
    full outer join commerce_events on tracks.id = commerce_events.id

),

viewed as (

    select
        'page|' || id as event_id,
        'Page Viewed' as event_type,
        occurred_at,
        loaded_at,
        anonymous_id,
        user_id,
        url,
        referrer,
        context_campaign_source as utm_source,
        context_campaign_medium as utm_medium,
        context_campaign_name as utm_campaign,
        'web' as platform,
        {{ kith.json_object({'path': 'path', 'title': 'title', 'search': 'search'}) }} as properties
    from {{ kith.staging_relation(base ~ 'pages', since) }}
    where row_status = 'staged' and not is_deleted
    union all
    select
        'screen|' || id as event_id,
        'Screen Viewed' as event_type,
        occurred_at,
        loaded_at,
        anonymous_id,
        user_id,
        {{ kith.typed_null('text') }} as url,
        {{ kith.typed_null('text') }} as referrer,
        {{ kith.typed_null('text') }} as utm_source,
        {{ kith.typed_null('text') }} as utm_medium,
        {{ kith.typed_null('text') }} as utm_campaign,
        'app' as platform,
        {{ kith.json_object({'name': 'screen_name'}) }} as properties
    from {{ kith.staging_relation(base ~ 'screens', since) }}
    where row_status = 'staged' and not is_deleted
    union all
    select
        'group|' || id as event_id,
        'Group Joined' as event_type,
        occurred_at,
        loaded_at,
        anonymous_id,
        user_id,
        context_page_url as url,
        {{ kith.typed_null('text') }} as referrer,
        {{ kith.typed_null('text') }} as utm_source,
        {{ kith.typed_null('text') }} as utm_medium,
        {{ kith.typed_null('text') }} as utm_campaign,
        case
            when coalesce(context_app_name, context_device_id) is not null then 'app'
            when context_page_url is not null or context_library_name = 'analytics.js' then 'web'
        end as platform,
        {{ kith.json_object({'group_id': 'group_id', 'name': 'group_name'}) }} as properties
    from {{ kith.staging_relation(base ~ 'groups', since) }}
    where row_status = 'staged' and not is_deleted
    union all
    select
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        anonymous_id,
        user_id,
        url,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        case
            when app is not null then 'app'
            when url is not null or library = 'analytics.js' then 'web'
        end as platform,
        properties
    from tracked

),

final as (

    select
        '{{ source_name }}' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        platform,
        anonymous_id as visitor_id,
        url,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        properties
    from viewed

)

select * from final
{% endmacro %}
