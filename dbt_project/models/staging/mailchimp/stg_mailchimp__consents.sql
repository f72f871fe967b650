{{ config(enabled=source_enabled('mailchimp')) }}

with

members as (

    select
        *,
        {{ email_bare('email_address') }} as bare_email,
        lower(member_status) as status_word
    from {{ ref('base_mailchimp__member') }}
    where row_status = 'staged' and not is_deleted

),

engagements as (

    select * from {{ ref('stg_mailchimp__email_engagements') }}
    where {{ engagement_denies('engagement_type', 'bounce_type') }}

),

-- A member's status on a list; pending, transactional and archived members have decided nothing.
statuses as (

    select
        id as record_id,
        bare_email,
        case
            when status_word = 'subscribed' then 'granted'
            when status_word in ('unsubscribed', 'cleaned') then 'denied'
        end as state,
        case
            when status_word = 'subscribed'
                then coalesce(timestamp_opt, timestamp_signup, last_changed, loaded_at)
            else coalesce(last_changed, loaded_at)
        end as decided_at
    from members

),

denied as (

    select
        members.id as record_id,
        members.bare_email,
        'denied' as state,
        engagements.occurred_at as decided_at
    from engagements
    inner join members on engagements.record_id = members.id

),

decisions as (

    select * from statuses
    where state is not null
    union all
    select * from denied

),

final as (

    select distinct
        'mailchimp' as source,
        'member' as record_type,
        record_id,
        {{ email_consent_columns() }},
        state,
        decided_at,
        {{ typed_null('text') }} as policy_version
    from decisions
    where {{ email_invalid_reason('bare_email') }} is null

)

select * from final
