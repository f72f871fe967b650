{{ config(enabled=source_enabled('klaviyo')) }}

with

events as (

    select
        *,
        row_status = 'staged' and not is_deleted as is_current
    from {{ ref('base_klaviyo__event') }}

),

metrics as (

    select * from {{ ref('base_klaviyo__metric') }}
    where row_status = 'staged'

),

campaigns as (

    select * from {{ ref('base_klaviyo__campaign') }}
    where row_status = 'staged'

),

flows as (

    select * from {{ ref('base_klaviyo__flow') }}
    where row_status = 'staged'

),

-- An event has the name of its metric beside it, or in the table of metrics alone.
named as (

    select
        events.*,
        lower(coalesce(events.metric_name, metrics.metric_name)) as kind,
        coalesce(campaigns.campaign_name, flows.flow_name) as campaign_name
    from events
    left join metrics on events.metric_id = metrics.id
    left join campaigns on events.campaign_id = campaigns.id
    left join flows on events.flow_id = flows.id

),

-- What shops tell Klaviyo (orders, carts, pages) is no engagement: the shop itself is the source of that.
typed as (

    select
        *,
        case
            when kind = 'received email' then 'delivered'
            when kind = 'opened email' then 'open'
            when kind = 'clicked email' then 'click'
            when kind = 'bounced email' then 'bounce'
            when kind = 'marked email as spam' then 'spam_report'
            when kind in ('unsubscribed', 'unsubscribed from email marketing', 'unsubscribed from list')
                then 'unsubscribe'
        end as engagement_type
    from named

),

final as (

    select
        record_id as event_id,
        person_id,
        occurred_at,
        engagement_type,
        coalesce(campaign_id, flow_id) as campaign_id,
        campaign_name,
        case when engagement_type = 'click' then property_url end as url,
        case
            when engagement_type = 'bounce' and lower(property_bounce_type) = 'hard' then 'hard'
            when engagement_type = 'bounce' then 'soft'
        end as bounce_type,
        loaded_at,
        is_current
    from typed
    where engagement_type is not null

)

select * from final
