{#- Carts, from the events that name them. -#}
{% macro behaviour_carts(source_name) %}
with

cart_events as (

    select
        *,
        case when event_type = 'Cart Viewed' then context_page_url end as cart_page_url
    from {{ ref('stg_' ~ source_name ~ '__commerce_events') }}
    where cart_id is not null

),

{{ kith.carts_from('cart_events', source_name) }}

select * from final
{% endmacro %}


{#- The steps from events that name a cart (id, event_type, occurred_at, cart_id, user_id, anonymous_id, cart_value,
    price, quantity, currency, cart_page_url, checkout_id) to a source's carts, as CTEs of which the last is `final`. -#}
{% macro carts_from(cart_events, source_name) -%}
summed as (

    select
        cart_id,
        {{ kith.latest_value('user_id', 'occurred_at', 'id') }} as user_id,
        {{ kith.latest_value('anonymous_id', 'occurred_at', 'id') }} as anonymous_id,
        min(occurred_at) as created_at,
        max(occurred_at) as updated_at,
        min(case when event_type = 'Order Completed' then occurred_at end) as completed_at,
        {{ kith.latest_value('cart_value', 'occurred_at', 'id', 'money') }} as stated_value,
        sum(case
            when event_type = 'Product Added' then price * coalesce(quantity, 1)
            when event_type = 'Product Removed' then -price * coalesce(quantity, 1)
        end) as added_value,
        sum(case
            when event_type = 'Product Added' then coalesce(quantity, 1)
            when event_type = 'Product Removed' then -coalesce(quantity, 1)
        end) as items_count,
        {{ kith.latest_value('currency', 'occurred_at', 'id') }} as currency,
        {{ kith.latest_value('cart_page_url', 'occurred_at', 'id') }} as cart_url,
        {{ kith.latest_value('checkout_id', 'occurred_at', 'id') }} as checkout_token
    from {{ cart_events }}
    group by cart_id

),

final as (

    select
        '{{ source_name }}' as source,
        cart_id,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        created_at,
        updated_at,
        completed_at,
        coalesce(stated_value, added_value) as value,
        currency,
        items_count,
        cart_url,
        checkout_token
    from summed

)
{%- endmacro %}
