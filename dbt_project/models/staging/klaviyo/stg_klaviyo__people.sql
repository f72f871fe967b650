{{ config(enabled=source_enabled('klaviyo')) }}

with

profiles as (

    select * from {{ ref('base_klaviyo__person') }}
    where row_status = 'staged' and not is_deleted

),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        {{ phone_e164('phone_number') }} as number
    from profiles

),

final as (

    select
        'klaviyo' as source,
        'person' as record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone_number', 'number') }} as phone,
        {{ name_clean('first_name') }} as given_name,
        {{ name_clean('last_name') }} as family_name,
        {{ typed_null('date') }} as birth_date,
        address_1 as street,
        city,
        zip as postcode,
        region,
        country,
        created_at as first_seen_at,
        coalesce(updated_at, created_at) as last_seen_at
    from bare

)

select * from final
