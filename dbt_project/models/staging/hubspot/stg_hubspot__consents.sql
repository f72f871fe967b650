{{ config(enabled=source_enabled('hubspot')) }}

with

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

),

{{ consents_from('said', 'hubspot') }}

select * from final
