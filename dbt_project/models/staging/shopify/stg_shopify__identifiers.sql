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

    select
        record_id,
        id as customer_id,
        email,
        phone,
        created_at as seen_first_at,
        coalesce(updated_at, created_at) as seen_last_at
    from {{ ref('base_shopify__customer') }}
    where row_status = 'staged' and not is_deleted

),

orders as (

    select
        record_id,
        customer_id,
        email,
        coalesce(phone, billing_address_phone, {{ own_shipping_phone }}) as phone,
        cart_token,
        checkout_token,
        coalesce(processed_at, created_at) as seen_first_at,
        coalesce(processed_at, created_at) as seen_last_at
    from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

checkouts as (

    select
        record_id,
        customer_id,
        email,
        coalesce(phone, billing_address_phone, {{ own_shipping_phone }}) as phone,
        cart_token,
        checkout_token,
        created_at as seen_first_at,
        coalesce(updated_at, created_at) as seen_last_at
    from {{ ref('base_shopify__abandoned_checkout') }}
    where row_status = 'staged' and not is_deleted

),

mentions as (
    {% for record_type, relation, identifier_type, column in [
        ('customer', 'customers', 'shopify_customer_id', 'customer_id'),
        ('customer', 'customers', 'email', 'email'),
        ('customer', 'customers', 'phone', 'phone'),
        ('order', 'orders', 'shopify_customer_id', 'customer_id'),
        ('order', 'orders', 'email', 'email'),
        ('order', 'orders', 'phone', 'phone'),
        ('order', 'orders', 'cart_token', 'cart_token'),
        ('order', 'orders', 'checkout_token', 'checkout_token'),
        ('checkout', 'checkouts', 'shopify_customer_id', 'customer_id'),
        ('checkout', 'checkouts', 'email', 'email'),
        ('checkout', 'checkouts', 'phone', 'phone'),
        ('checkout', 'checkouts', 'cart_token', 'cart_token'),
        ('checkout', 'checkouts', 'checkout_token', 'checkout_token'),
    ] %}
    select
        '{{ record_type }}' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        seen_first_at,
        seen_last_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'shopify') }}

select * from final
