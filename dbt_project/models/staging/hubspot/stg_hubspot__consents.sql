{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select
        *,
        {{ email_bare('property_email') }} as bare_email
    from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted and property_hs_email_optout

),

-- Not having opted out is no consent, so only refusals are decisions.
final as (

    select
        'hubspot' as source,
        'contact' as record_type,
        record_id,
        'marketing' as purpose,
        'email' as channel,
        'email' as contact_point_type,
        {{ email_key('bare_email') }} as contact_point,
        'denied' as state,
        coalesce(property_lastmodifieddate, property_createdate, loaded_at) as decided_at,
        {{ typed_null('text') }} as policy_version
    from contacts
    where {{ email_invalid_reason('bare_email') }} is null

)

select * from final
