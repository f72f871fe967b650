{{ config(enabled=source_enabled('segment')) }}

{% set event_tables = ['product_viewed', 'product_added', 'cart_viewed', 'checkout_started', 'order_completed'] %}

with

final as (
    {% for table in event_tables %}
    {% set columns = {
        'product_id': 'text', 'product_name': 'text', 'price': 'money', 'quantity': 'integer', 'cart_id': 'text',
        'order_id': 'text', 'checkout_id': 'text', 'cart_value': 'money', 'total': 'money', 'currency': 'text',
    } %}
    {% set own = {
        'product_viewed': ['product_id', 'product_name', 'price', 'quantity', 'currency'],
        'product_added': ['cart_id', 'product_id', 'product_name', 'price', 'quantity', 'currency', 'cart_value'],
        'cart_viewed': ['cart_id', 'cart_value', 'currency'],
        'checkout_started': ['cart_id', 'order_id', 'checkout_id', 'cart_value', 'currency'],
        'order_completed': ['cart_id', 'order_id', 'checkout_id', 'cart_value', 'total', 'currency'],
    }[table] %}
    select
        id,
        '{{ table | replace("_", " ") | title }}' as event_type,
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
        {% for column, kind in columns.items() %}
        {{ column if column in own else typed_null(kind) }} as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('base_segment__' ~ table) }}
    where row_status = 'staged' and not is_deleted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
