{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select
        *,
        {{ email_bare('property_email') }} as bare_email
    from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted and property_hs_email_optout

),

-- Unsubscribed, reported, bounced for good, or held back by HubSpot because of one of these.
refusals as (

    select * from {{ ref('stg_hubspot__email_events') }}
    where
        {{ engagement_denies('engagement_type', 'bounce_type') }}
        or drop_reason in ('PREVIOUS_SPAM', 'PREVIOUSLY_BOUNCED')
        or drop_reason like 'PREVIOUSLY_UNSUBSCRIBED%'

),

-- Not having opted out is no consent, so only refusals are decisions.
decisions as (

    select
        'contact' as record_type,
        record_id,
        bare_email,
        coalesce(property_lastmodifieddate, property_createdate, loaded_at) as decided_at
    from contacts
    union all
    select
        'email_recipient' as record_type,
        recipient_id as record_id,
        bare_email,
        occurred_at as decided_at
    from refusals

),

final as (

    select distinct
        'hubspot' as source,
        record_type,
        record_id,
        {{ email_consent_columns() }},
        'denied' as state,
        decided_at,
        {{ typed_null('text') }} as policy_version
    from decisions
    where {{ email_invalid_reason('bare_email') }} is null

)

select * from final
