{#- Events that have a table of their own, with their properties. -#}
{% macro behaviour_commerce_events(source_name) %}
{# The columns that not every event has, each with its kind and the events that have it. #}
{% set own_columns = [
    ('product_id', 'text', ['product_viewed', 'product_added']),
    ('product_name', 'text', ['product_viewed', 'product_added']),
    ('price', 'money', ['product_viewed', 'product_added']),
    ('quantity', 'integer', ['product_viewed', 'product_added']),
    ('cart_id', 'text', ['product_added', 'cart_viewed', 'checkout_started', 'order_completed']),
    ('cart_value', 'money', ['product_added', 'cart_viewed', 'checkout_started', 'order_completed']),
    ('order_id', 'text', ['checkout_started', 'order_completed']),
    ('checkout_id', 'text', ['checkout_started', 'order_completed']),
    ('total', 'money', ['order_completed']),
] %}

with

final as (
    {% for table, event_type in [
        ('product_viewed', 'Product Viewed'),
        ('product_added', 'Product Added'),
        ('cart_viewed', 'Cart Viewed'),
        ('checkout_started', 'Checkout Started'),
        ('order_completed', 'Order Completed'),
    ] %}
    select
        id,
        '{{ event_type }}' as event_type,
        anonymous_id,
        user_id,
        occurred_at,
        loaded_at,
        context_page_url,
        context_page_referrer,
        context_campaign_source,
        context_campaign_medium,
        context_campaign_name,
        context_device_id,
        context_app_name,
        context_library_name,
        {% for column, kind, tables in own_columns %}
        {{ column if table in tables else kith.typed_null(kind) }} as {{ column }},
        {% endfor %}
        currency
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
    where row_status = 'staged' and not is_deleted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
{% endmacro %}
