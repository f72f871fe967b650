{{ config(materialized='changed_rows', changes='visits', rows_of='person_events') }}

with

person_events as (

    select * from {{ ref('person_events') }}
    where platform in ('web', 'app') and visitor_id is not null and occurred_at is not null

),

-- A device that two people use has a session for each.
visits as (

    select
        *,
        {{ joined_key(['person_id', 'source', 'platform', 'visitor_id']) }} as visit_key
    from person_events

),

paused as (

    select
        *,
        lag(occurred_at) over (
            partition by visit_key
            order by occurred_at, {{ bytewise('event_id') }}
        ) as previous_at
    from visits

),

started as (

    select
        *,
        case
            when previous_at is null then 1
            when {{ seconds_between('previous_at', 'occurred_at') }} > {{ var('session_minutes') }} * 60 then 1
            else 0
        end as starts_session
    from paused

),

numbered as (

    select
        *,
        sum(starts_session) over (
            partition by visit_key
            order by occurred_at, {{ bytewise('event_id') }}
            rows between unbounded preceding and current row
        ) as session_number
    from started

),

placed as (

    select
        *,
        row_number() over (
            partition by visit_key, session_number
            order by occurred_at, {{ bytewise('event_id') }}
        ) as place
    from numbered

),

final as (

    select
        {{ md5_hex(joined_key(
            ['source', 'platform', 'visitor_id', 'max(case when place = 1 then event_id end)']
        )) }} as session_id,
        person_id,
        source,
        platform,
        visitor_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as events_count,
        max(case when place = 1 then url end) as landing_page,
        max(case when place = 1 then referrer end) as referrer,
        max(case when place = 1 then utm_source end) as utm_source,
        max(case when place = 1 then utm_medium end) as utm_medium,
        max(case when place = 1 then utm_campaign end) as utm_campaign
    from placed
    group by visit_key, person_id, source, platform, visitor_id, session_number

)

select * from final
