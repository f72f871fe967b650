{#- Calls of any kind: who was seen where, when. -#}
{% macro behaviour_calls(source_name) %}
{% set calls = [
    'identifies', 'pages', 'screens', 'groups', 'tracks', 'product_viewed', 'product_added', 'cart_viewed',
    'checkout_started', 'order_completed',
] %}

with

final as (
    {% for table in calls %}
    select
        '{{ table }}' as call,
        id,
        anonymous_id,
        user_id,
        context_device_id as device_id,
        occurred_at
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
    where row_status = 'staged' and not is_deleted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
{% endmacro %}
