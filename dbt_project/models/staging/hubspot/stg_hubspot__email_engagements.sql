{{ config(enabled=source_enabled('hubspot')) }}

with

events as (

    select * from {{ ref('stg_hubspot__email_events') }}
    where is_current and engagement_type is not null

),

campaigns as (

    select * from {{ ref('base_hubspot__email_campaign') }}
    where row_status = 'staged'

),

sent as (

    select * from {{ ref('base_hubspot__email_event_sent') }}
    where row_status = 'staged'

),

final as (

    select
        'hubspot' as source,
        events.event_id as engagement_id,
        'email_recipient' as record_type,
        events.recipient_id as record_id,
        events.occurred_at,
        events.engagement_type,
        events.email_campaign_id as campaign_id,
        coalesce(campaigns.campaign_name, campaigns.subject, sent.subject) as campaign_name,
        events.clicked_url as url,
        events.bounce_type,
        events.loaded_at
    from events
    left join campaigns on events.email_campaign_id = campaigns.id
    left join sent on events.event_id = sent.id

)

select * from final
