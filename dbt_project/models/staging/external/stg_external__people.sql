{{ config(enabled=source_enabled('external')) }}

with

people as (

    select * from {{ ref('base_external__people') }}
    where row_status = 'staged' and not is_deleted

),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        {{ phone_e164('phone') }} as number
    from people

),

final as (

    select
        'external' as source,
        'person' as record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone', 'number') }} as phone,
        {{ name_clean('given_name') }} as given_name,
        {{ name_clean('family_name') }} as family_name,
        birth_date,
        street,
        city,
        postcode,
        region,
        country,
        loaded_at as first_seen_at,
        loaded_at as last_seen_at
    from bare

)

select * from final
