{{ config(enabled=source_enabled('shopify')) }}

with

lines as (

    select * from {{ ref('base_shopify__order_line') }}
    where row_status = 'staged' and not is_deleted

),

products as (

    select * from {{ ref('base_shopify__product') }}
    where row_status = 'staged'

),

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

final as (

    select
        'shopify' as source,
        lines.record_id as gift_id,
        'order' as record_type,
        orders.record_id,
        orders.id as order_id,
        coalesce(orders.processed_at, orders.created_at) as given_at,
        coalesce(lines.original_total, lines.price * coalesce(lines.quantity, 1), 0)
        - coalesce(lines.total_discount, 0) as amount,
        orders.currency,
        orders.cancelled_at
    from lines
    inner join orders on lines.order_id = orders.id
    left join products on lines.product_id = products.id
    where lower(coalesce(products.product_type, '') || ' ' || coalesce(lines.sku, '')) like '%donation%'

)

select * from final
