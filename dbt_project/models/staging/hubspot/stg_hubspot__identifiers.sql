{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select
        *,
        coalesce(property_lastmodifieddate, property_createdate) as seen_last_at
    from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted

),

merged_lists as (

    select
        record_id,
        '["' || {{ regexp_replace('property_hs_merged_object_ids', '[^0-9]+', '","') }} || '"]' as merged_ids
    from contacts
    where property_hs_merged_object_ids is not null

),

merged_items as (

    {{ json_items('merged_lists', 'merged_ids') | indent(4) }}

),

-- Contacts that someone merged by hand in HubSpot: both are one person. The contact that stayed and the audit both say
-- so: a merge has the audit's id wherever it is read, and is one.
merged_contacts as (

    select
        record_id,
        canonical_vid,
        vid_to_merge,
        merged_at
    from {{ ref('base_hubspot__contact_merge_audit') }}
    where row_status = 'staged' and not is_deleted
    union all
    select
        {{ joined_key(['record_id', 'item']) }} as record_id,
        record_id as canonical_vid,
        item as vid_to_merge,
        {{ typed_null('timestamp') }} as merged_at
    from merged_items
    where item <> '' and item <> record_id

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
