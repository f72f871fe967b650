{{ config(enabled=source_enabled('hubspot')) }}

with
{% for kind in ['click', 'bounce', 'dropped', 'status_change'] %}
{{ kind }} as (

    select * from {{ ref('base_hubspot__email_event_' ~ kind) }}
    where row_status = 'staged'

),
{% endfor %}
events as (

    select
        *,
        {{ email_bare('recipient') }} as bare_email,
        row_status = 'staged' and not is_deleted and not coalesce(is_filtered, false) as is_current
    from {{ ref('base_hubspot__email_event') }}

),

detailed as (

    select
        events.record_id,
        -- One recipient, however the address was written: the digest keeps addresses out of record ids.
        {{ md5_hex("coalesce(" ~ email_key('events.bare_email') ~ ", substr(events.recipient, 1, 320))") }}
            as recipient_id,
        events.recipient,
        events.occurred_at,
        events.loaded_at,
        events.is_current,
        events.hubspot_type,
        events.email_campaign_id,
        click.clicked_url,
        bounce.bounce_category,
        bounce.bounce_status,
        upper(dropped.drop_reason) as drop_reason,
        upper(status_change.portal_subscription_status) as subscription_status
    from events
    left join click on events.id = click.id
    left join bounce on events.id = bounce.id
    left join dropped on events.id = dropped.id
    left join status_change on events.id = status_change.id

),

typed as (

    select
        *,
        case
            when upper(hubspot_type) = 'SENT' then 'sent'
            when upper(hubspot_type) = 'DELIVERED' then 'delivered'
            when upper(hubspot_type) = 'OPEN' then 'open'
            when upper(hubspot_type) = 'CLICK' then 'click'
            when upper(hubspot_type) = 'BOUNCE' then 'bounce'
            when upper(hubspot_type) = 'SPAMREPORT' then 'spam_report'
            when upper(hubspot_type) = 'STATUSCHANGE' and subscription_status = 'UNSUBSCRIBED' then 'unsubscribe'
        end as engagement_type
    from detailed

),

final as (

    select
        record_id as event_id,
        recipient_id,
        recipient,
        occurred_at,
        loaded_at,
        engagement_type,
        email_campaign_id,
        case when engagement_type = 'click' then clicked_url end as clicked_url,
        -- Only a mailbox that is not there is hard: full ones, filters and policies may pass the next e-mail.
        case
            when engagement_type = 'bounce' and upper(bounce_category) = 'UNKNOWN_USER' then 'hard'
            when engagement_type = 'bounce' and bounce_category is null and bounce_status like '5%' then 'hard'
            when engagement_type = 'bounce' then 'soft'
        end as bounce_type,
        drop_reason,
        is_current
    from typed

)

select * from final
