{{ config(enabled=source_enabled('salesforce')) }}

with

records as (

    select * from {{ ref('stg_salesforce__records') }}

),

addresses as (

    select * from {{ ref('stg_salesforce__addresses') }}

),

-- Merges and conversions made in Salesforce: a record that carries both ids makes one person of them.
mentions as (

    select
        record_type,
        record_id,
        id_type as identifier_type,
        record_id as written,
        first_seen_at as seen_first_at,
        last_seen_at as seen_last_at
    from records
    union all
    select
        record_type,
        record_id,
        id_type as identifier_type,
        master_record_id as written,
        first_seen_at as seen_first_at,
        last_seen_at as seen_last_at
    from records
    union all
    select
        record_type,
        record_id,
        case when is_shared then 'shared_email' else 'email' end as identifier_type,
        case when is_shared then email_key else email end as written,
        first_seen_at as seen_first_at,
        last_seen_at as seen_last_at
    from addresses
    {% for identifier_type, column in [
        ('salesforce_contact_id', 'converted_contact_id'),
        ('phone', 'phone'),
        ('phone', 'mobile_phone'),
        ('phone', 'home_phone'),
    ] %}
    union all
    select
        record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        first_seen_at as seen_first_at,
        last_seen_at as seen_last_at
    from records
    {% endfor %}
),

{{ identifiers_from('mentions', 'salesforce') }}

select * from final
