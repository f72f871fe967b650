{{ config(enabled=source_enabled('square')) }}

with

customers as (

    select * from {{ ref('base_square__customers') }}
    where row_status = 'staged' and not is_deleted

),

accounts as (

    select * from {{ ref('base_square__loyalty_accounts') }}
    where row_status = 'staged' and not is_deleted

),

payers as (

    select * from {{ ref('stg_square__payers') }}
    where coalesce(email, given_name, family_name) is not null

),

described as (

    select
        'customer' as record_type,
        record_id,
        email_address as email,
        phone_number as phone,
        given_name,
        family_name,
        -- A birthday without its year is no date of birth.
        case when birthday not like '0000%' then {{ try_cast_date('birthday') }} end as birth_date,
        address_address_line_1 as street,
        address_locality as city,
        address_postal_code as postcode,
        address_administrative_district_level_1 as region,
        address_country as country,
        created_at as first_seen_at,
        coalesce(updated_at, created_at) as last_seen_at
    from customers
    union all
    select
        'loyalty_account' as record_type,
        record_id,
        {{ typed_null('text') }} as email,
        phone_number as phone,
        {{ typed_null('text') }} as given_name,
        {{ typed_null('text') }} as family_name,
        {{ typed_null('date') }} as birth_date,
        {{ typed_null('text') }} as street,
        {{ typed_null('text') }} as city,
        {{ typed_null('text') }} as postcode,
        {{ typed_null('text') }} as region,
        {{ typed_null('text') }} as country,
        coalesce(enrolled_at, created_at) as first_seen_at,
        coalesce(updated_at, enrolled_at, created_at) as last_seen_at
    from accounts
    union all
    select
        'payment' as record_type,
        record_id,
        email,
        {{ typed_null('text') }} as phone,
        given_name,
        family_name,
        {{ typed_null('date') }} as birth_date,
        {{ typed_null('text') }} as street,
        {{ typed_null('text') }} as city,
        {{ typed_null('text') }} as postcode,
        {{ typed_null('text') }} as region,
        {{ typed_null('text') }} as country,
        paid_at as first_seen_at,
        paid_at as last_seen_at
    from payers

),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        {{ phone_e164('phone') }} as number
    from described

),

final as (

    select
        'square' as source,
        record_type,
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
        first_seen_at,
        last_seen_at
    from bare

)

select * from final
