{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select
        *,
        coalesce(property_phone, property_mobilephone) as phone
    from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted

),

bare as (

    select
        *,
        {{ email_bare('property_email') }} as bare_email,
        {{ phone_e164('phone') }} as number
    from contacts

),

final as (

    select
        'hubspot' as source,
        'contact' as record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone', 'number') }} as phone,
        {{ name_clean('property_firstname') }} as given_name,
        {{ name_clean('property_lastname') }} as family_name,
        property_date_of_birth as birth_date,
        property_address as street,
        property_city as city,
        property_zip as postcode,
        property_state as region,
        property_country as country,
        property_createdate as first_seen_at,
        coalesce(property_lastmodifieddate, property_createdate) as last_seen_at
    from bare

)

select * from final
