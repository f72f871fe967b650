{{ config(enabled=source_enabled('klaviyo')) }}

with

email_events as (

    select * from {{ ref('stg_klaviyo__email_events') }}
    where is_current

),

final as (

    select
        'klaviyo' as source,
        event_id as engagement_id,
        'person' as record_type,
        person_id as record_id,
        occurred_at,
        engagement_type,
        campaign_id,
        campaign_name,
        url,
        bounce_type,
        loaded_at
    from email_events

)

select * from final
