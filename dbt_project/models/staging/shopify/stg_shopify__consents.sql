{{ config(enabled=source_enabled('shopify')) }}

with

customers as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        upper(email_marketing_consent_state) as consent_state
    from {{ ref('base_shopify__customer') }}
    where row_status = 'staged' and not is_deleted

),

decisions as (

    select
        *,
        case
            when consent_state = 'SUBSCRIBED' then 'granted'
            when consent_state = 'UNSUBSCRIBED' then 'denied'
            -- The older generation says yes or not yes, and the latter may never have been asked.
            when consent_state is null and accepts_marketing then 'granted'
        end as state
    from customers

),

final as (

    select
        'shopify' as source,
        'customer' as record_type,
        record_id,
        'marketing' as purpose,
        'email' as channel,
        'email' as contact_point_type,
        {{ email_key('bare_email') }} as contact_point,
        state,
        coalesce(email_marketing_consent_updated_at, updated_at, created_at, loaded_at) as decided_at,
        {{ typed_null('text') }} as policy_version
    from decisions
    where state is not null and {{ email_invalid_reason('bare_email') }} is null

)

select * from final
