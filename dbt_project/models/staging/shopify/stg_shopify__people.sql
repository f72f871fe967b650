{{ config(enabled=source_enabled('shopify')) }}

{#- Whoever a parcel is sent to may be another person than the one who orders. -#}
{%- set own_shipping_phone -%}
case
            when
                coalesce(lower(shipping_address_first_name), lower(billing_address_first_name), '')
                = coalesce(lower(billing_address_first_name), lower(shipping_address_first_name), '')
                then shipping_address_phone
        end
{%- endset %}

with

customers as (

    select * from {{ ref('base_shopify__customer') }}
    where row_status = 'staged' and not is_deleted

),

addresses as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by case when is_default then 0 else 1 end, {{ bytewise('id') }}
        ) as place
    from {{ ref('base_shopify__customer_address') }}
    where row_status = 'staged' and not is_deleted

),

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

checkouts as (

    select * from {{ ref('base_shopify__abandoned_checkout') }}
    where row_status = 'staged' and not is_deleted

),

described as (

    select
        'customer' as record_type,
        customers.record_id,
        customers.email,
        coalesce(customers.phone, addresses.phone) as phone,
        customers.first_name as given_name,
        customers.last_name as family_name,
        addresses.address_1 as street,
        addresses.city,
        addresses.zip as postcode,
        addresses.province as region,
        addresses.country_code as country,
        customers.created_at as first_seen_at,
        coalesce(customers.updated_at, customers.created_at) as last_seen_at
    from customers
    left join addresses on customers.id = addresses.customer_id and addresses.place = 1
    union all
    select
        'order' as record_type,
        record_id,
        email,
        coalesce(phone, billing_address_phone, {{ own_shipping_phone }}) as phone,
        coalesce(billing_address_first_name, shipping_address_first_name) as given_name,
        coalesce(billing_address_last_name, shipping_address_last_name) as family_name,
        coalesce(shipping_address_address_1, billing_address_address_1) as street,
        coalesce(shipping_address_city, billing_address_city) as city,
        coalesce(shipping_address_zip, billing_address_zip) as postcode,
        coalesce(shipping_address_province, billing_address_province) as region,
        coalesce(shipping_address_country_code, billing_address_country_code) as country,
        coalesce(processed_at, created_at) as first_seen_at,
        coalesce(processed_at, created_at) as last_seen_at
    from orders
    union all
    select
        'checkout' as record_type,
        record_id,
        email,
        coalesce(phone, billing_address_phone, {{ own_shipping_phone }}) as phone,
        coalesce(billing_address_first_name, shipping_address_first_name) as given_name,
        coalesce(billing_address_last_name, shipping_address_last_name) as family_name,
        coalesce(shipping_address_address_1, billing_address_address_1) as street,
        coalesce(shipping_address_city, billing_address_city) as city,
        coalesce(shipping_address_zip, billing_address_zip) as postcode,
        coalesce(shipping_address_province, billing_address_province) as region,
        coalesce(shipping_address_country_code, billing_address_country_code) as country,
        created_at as first_seen_at,
        coalesce(updated_at, created_at) as last_seen_at
    from checkouts

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
        'shopify' as source,
        record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone', 'number') }} as phone,
        {{ name_clean('given_name') }} as given_name,
        {{ name_clean('family_name') }} as family_name,
        {{ typed_null('date') }} as birth_date,
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
