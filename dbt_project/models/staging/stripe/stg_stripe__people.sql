{{ config(enabled=source_enabled('stripe')) }}

with

customers as (

    select * from {{ ref('base_stripe__customer') }}
    where row_status = 'staged' and not is_deleted and not coalesce(was_deleted, false)

),

methods as (

    select * from {{ ref('base_stripe__payment_method') }}
    where
        row_status = 'staged' and not is_deleted
        and coalesce(billing_detail_email, billing_detail_phone, billing_detail_name) is not null

),

-- A charge says who a guest is; a customer's charges have nothing to add.
charges as (

    select
        *,
        coalesce(receipt_email, billing_email) as email
    from {{ ref('stg_stripe__charges') }}
    where customer_id is null and coalesce(receipt_email, billing_email, billing_phone, full_name) is not null

),

described as (

    select
        'customer' as record_type,
        record_id,
        email,
        phone,
        full_name,
        address_line_1 as street,
        address_city as city,
        address_postal_code as postcode,
        address_state as region,
        address_country as country,
        created as seen_at
    from customers
    union all
    select
        'payment_method' as record_type,
        record_id,
        billing_detail_email as email,
        billing_detail_phone as phone,
        billing_detail_name as full_name,
        billing_detail_address_line_1 as street,
        billing_detail_address_city as city,
        billing_detail_address_postal_code as postcode,
        billing_detail_address_state as region,
        billing_detail_address_country as country,
        created as seen_at
    from methods
    union all
    select
        'charge' as record_type,
        record_id,
        email,
        billing_phone as phone,
        full_name,
        {{ typed_null('text') }} as street,
        {{ typed_null('text') }} as city,
        {{ typed_null('text') }} as postcode,
        {{ typed_null('text') }} as region,
        {{ typed_null('text') }} as country,
        paid_at as seen_at
    from charges

),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        {{ phone_e164('phone') }} as number,
        {{ valid_name('full_name') }} as name
    from described

),

final as (

    select
        'stripe' as source,
        record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone', 'number') }} as phone,
        nullif({{ split_part('name', ' ', 1) }}, '') as given_name,
        nullif(substr(name, length({{ split_part('name', ' ', 1) }}) + 2), '') as family_name,
        {{ typed_null('date') }} as birth_date,
        street,
        city,
        postcode,
        region,
        country,
        seen_at as first_seen_at,
        seen_at as last_seen_at
    from bare

)

select * from final
