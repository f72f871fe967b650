{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select
        *,
        coalesce(property_lastmodifieddate, property_createdate) as seen_last_at
    from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted

),

-- Contacts that someone merged by hand in HubSpot: both are one person.
merged_contacts as (

    select * from {{ ref('base_hubspot__contact_merge_audit') }}
    where row_status = 'staged' and not is_deleted

),

-- Whoever was written to, in the contacts or not.
recipients as (

    select
        recipient_id,
        recipient,
        min(occurred_at) as seen_first_at,
        max(occurred_at) as seen_last_at
    from {{ ref('stg_hubspot__email_events') }}
    where is_current and recipient_id is not null
    group by recipient_id, recipient

),

mentions as (
    {% for identifier_type, column in [
        ('hubspot_contact_id', 'record_id'),
        ('email', 'property_email'),
        ('phone', 'property_phone'),
        ('phone', 'property_mobilephone'),
    ] %}
    select
        'contact' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        property_createdate as seen_first_at,
        seen_last_at
    from contacts
    {{ 'union all' if not loop.last }}
    {% endfor %}
    union all
    select
        'contact_merge' as record_type,
        record_id,
        'hubspot_contact_id' as identifier_type,
        canonical_vid as written,
        merged_at as seen_first_at,
        merged_at as seen_last_at
    from merged_contacts
    union all
    select
        'contact_merge' as record_type,
        record_id,
        'hubspot_contact_id' as identifier_type,
        vid_to_merge as written,
        merged_at as seen_first_at,
        merged_at as seen_last_at
    from merged_contacts
    union all
    select
        'email_recipient' as record_type,
        recipient_id as record_id,
        'email' as identifier_type,
        recipient as written,
        seen_first_at,
        seen_last_at
    from recipients

),

{{ identifiers_from('mentions', 'hubspot') }}

select * from final
