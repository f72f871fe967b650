{{ config(
    materialized='changed_rows',
    changes='events',
    rows_of='int_events',
    by_person=true,
    tells='visits',
) }}

with

int_events as (

    select * from {{ ref('int_events') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select
        int_events.source,
        int_events.event_id,
        records.person_id,
        int_events.event_type,
        int_events.occurred_at,
        int_events.record_type,
        int_events.record_id,
        int_events.platform,
        int_events.visitor_id,
        int_events.url,
        int_events.referrer,
        int_events.utm_source,
        int_events.utm_medium,
        int_events.utm_campaign,
        int_events.properties,
        int_events.loaded_at
    from int_events
    inner join records on {{ same_record('int_events', 'records') }}

)

select * from final
