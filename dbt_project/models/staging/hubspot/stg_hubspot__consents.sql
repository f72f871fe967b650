{{ config(enabled=source_enabled('hubspot')) }}

with

-- Unsubscribed, reported, bounced for good, or held back by HubSpot because of one of these.
refusals as (

    select * from {{ ref('stg_hubspot__email_events') }}
    where
        {{ engagement_denies('engagement_type', 'bounce_type') }}
        or drop_reason in ('PREVIOUS_SPAM', 'PREVIOUSLY_BOUNCED')
        or drop_reason like 'PREVIOUSLY_UNSUBSCRIBED%'

),

-- Not having opted out is no consent, so only refusals are decisions. One that cannot be read is taken for a yes.
said as (

    select
        'contact' as record_type,
        record_id,
        property_email as written,
        'denied' as state,
        {{ typed_null('timestamp') }} as decision_at,
        -- HubSpot dates no opt-out. Its change is one of the contact, so it is not later than the last of those.
        coalesce(property_lastmodifieddate, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted as is_current
    from {{ ref('base_hubspot__contact') }}
    where property_hs_email_optout or row_reason like 'property_hs_email_optout:%'

    union all

    select
        'email_recipient' as record_type,
        recipient_id as record_id,
        recipient as written,
        'denied' as state,
        occurred_at as decision_at,
        loaded_at as known_at,
        is_current
    from refusals

),

{{ consents_from('said', 'hubspot') }}

select * from final
