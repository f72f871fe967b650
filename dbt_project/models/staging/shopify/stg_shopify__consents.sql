{{ config(enabled=source_enabled('shopify')) }}

with

customers as (

    select
        *,
        upper(email_marketing_consent_state) as consent_state,
        coalesce(email_marketing_consent_updated_at, accepts_marketing_updated_at) as consent_at
    from {{ ref('base_shopify__customer') }}

),

said as (

    select
        'customer' as record_type,
        record_id,
        email as written,
        case
            when consent_state = 'SUBSCRIBED' then 'granted'
            when consent_state = 'UNSUBSCRIBED' then 'denied'
            when consent_state is not null then null
            when accepts_marketing then 'granted'
            -- The older generation says yes or not yes, and the latter may never have been asked; but one who
            -- decided after the account was made took a yes back.
            when not accepts_marketing and consent_at > created_at then 'denied'
        end as state,
        -- The older generation may keep no time: then consent came with the account, and no later touch is one.
        coalesce(consent_at, case when consent_state is null and accepts_marketing then created_at end) as decision_at,
        coalesce(updated_at, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted as is_current
    from customers

),

{{ consents_from('said', 'shopify') }}

select * from final
