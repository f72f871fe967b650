{{ config(enabled=source_enabled('snowplow')) }}

with

named as (

    select
        *,
        {{ event_type_of('shop_action') }} as event_type
    from {{ ref('stg_snowplow__hits') }}
    where shop_action is not null and cart_id is not null and coalesce(user_id, anonymous_id) is not null

),

-- Looking at products with a cart at hand does not touch it.
cart_events as (

    select
        event_id as id,
        event_type,
        occurred_at,
        cart_id,
        user_id,
        anonymous_id,
        cart_value,
        price,
        quantity,
        currency,
        {{ typed_null('text') }} as cart_page_url,
        {{ typed_null('text') }} as checkout_id
    from named
    where
        event_type in (
            'Product Added', 'Product Removed', 'Checkout Step Completed', 'Payment Info Entered', 'Order Completed'
        )

),

{{ carts_from('cart_events', 'snowplow') }}

select * from final
