{{ config(enabled=source_enabled('mailchimp')) }}

with

members as (

    select
        *,
        lower(member_status) as status_word
    from {{ ref('base_mailchimp__member') }}

),

-- Whoever left a list, for whatever reason (a report of spam is one), or has no mailbox.
refusals as (

    select
        member_id,
        occurred_at,
        loaded_at
    from {{ ref('base_mailchimp__unsubscribe') }}

    union all

    select
        member_id,
        occurred_at,
        loaded_at
    from {{ ref('base_mailchimp__campaign_recipient_activity') }}
    where lower(action) = 'bounce' and lower(bounce_type) = 'hard'

),

-- Pending, transactional and archived members have decided nothing. A member's last change may be any other, so it
-- dates no consent; of a refusal it is the latest time by which it was made.
said as (

    select
        'member' as record_type,
        id as record_id,
        email_address as written,
        case
            when status_word = 'subscribed' then 'granted'
            when status_word in ('unsubscribed', 'cleaned') then 'denied'
        end as state,
        case when status_word = 'subscribed' then coalesce(timestamp_opt, timestamp_signup) end as decision_at,
        coalesce(last_changed, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted as is_current
    from members

    union all

    select
        'member' as record_type,
        refusals.member_id as record_id,
        members.email_address as written,
        'denied' as state,
        refusals.occurred_at as decision_at,
        refusals.loaded_at as known_at,
        true as is_current
    from refusals
    left join members on refusals.member_id = members.id

),

{{ consents_from('said', 'mailchimp') }}

select * from final
