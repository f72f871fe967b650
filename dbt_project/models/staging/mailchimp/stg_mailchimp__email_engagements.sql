{{ config(enabled=source_enabled('mailchimp')) }}

with

campaigns as (

    select * from {{ ref('base_mailchimp__campaign') }}
    where row_status = 'staged'

),

recipients as (

    select * from {{ ref('base_mailchimp__campaign_recipient') }}
    where row_status = 'staged' and not is_deleted

),

activities as (

    select
        *,
        lower(action) as engagement_type
    from {{ ref('base_mailchimp__campaign_recipient_activity') }}
    where row_status = 'staged' and not is_deleted

),

unsubscribes as (

    select * from {{ ref('base_mailchimp__unsubscribe') }}
    where row_status = 'staged' and not is_deleted

),

engagements as (

    select
        'sent|' || recipients.record_id as engagement_id,
        recipients.member_id,
        campaigns.sent_at as occurred_at,
        'sent' as engagement_type,
        recipients.campaign_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as bounce_type,
        recipients.loaded_at
    from recipients
    inner join campaigns on recipients.campaign_id = campaigns.id
    where campaigns.sent_at is not null

    union all

    select
        'activity|' || record_id as engagement_id,
        member_id,
        occurred_at,
        engagement_type,
        campaign_id,
        case when engagement_type = 'click' then clicked_url end as url,
        case
            when engagement_type = 'bounce' and lower(bounce_type) = 'hard' then 'hard'
            when engagement_type = 'bounce' then 'soft'
        end as bounce_type,
        loaded_at
    from activities
    where engagement_type in ('open', 'click', 'bounce')

    union all

    select
        'unsubscribe|' || record_id as engagement_id,
        member_id,
        occurred_at,
        'unsubscribe' as engagement_type,
        campaign_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as bounce_type,
        loaded_at
    from unsubscribes

),

final as (

    select
        'mailchimp' as source,
        engagements.engagement_id,
        'member' as record_type,
        engagements.member_id as record_id,
        engagements.occurred_at,
        engagements.engagement_type,
        engagements.campaign_id,
        campaigns.campaign_name,
        engagements.url,
        engagements.bounce_type,
        engagements.loaded_at
    from engagements
    left join campaigns on engagements.campaign_id = campaigns.id

)

select * from final
