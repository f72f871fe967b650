{{ config(enabled=source_enabled('shopify')) }}

with

lines as (

    select
        *,
        coalesce(original_total, price * coalesce(quantity, 1), 0) - coalesce(total_discount, 0) as line_amount
    from {{ ref('base_shopify__order_line') }}
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

line_refunds as (

    select
        order_line_id,
        sum(coalesce(subtotal, 0) + coalesce(total_tax, 0)) as refunded_amount
    from {{ ref('base_shopify__order_line_refund') }}
    where row_status = 'staged' and not is_deleted
    group by order_line_id

),

donations as (

    select
        lines.record_id as gift_id,
        orders.record_id,
        orders.id as order_id,
        coalesce(orders.processed_at, orders.created_at) as given_at,
        greatest(lines.line_amount, 0) as line_amount,
        orders.total_price,
        orders.currency,
        orders.cancelled_at,
        lower(orders.financial_status) as financial_status,
        coalesce(line_refunds.refunded_amount, 0) as refunded_amount
    from lines
    inner join orders on lines.order_id = orders.id
    left join products on lines.product_id = products.id
    left join line_refunds on lines.id = line_refunds.order_line_id
    where lower(coalesce(products.product_type, '') || ' ' || coalesce(lines.sku, '')) like '%donation%'

),

summed as (

    select
        *,
        sum(line_amount) over (partition by order_id) as order_amount,
        sum(line_amount) over (
            partition by order_id
            order by {{ bytewise('gift_id') }}
            rows between unbounded preceding and current row
        ) as running_amount
    from donations

),

-- A discount on the whole order may leave less to pay than its donation lines say.
given as (

    select
        *,
        case
            when order_amount > total_price
                then {{ share_of_money('total_price', 'line_amount', 'running_amount', 'order_amount') }}
            else line_amount
        end as amount
    from summed

),

final as (

    select
        'shopify' as source,
        gift_id,
        'order' as record_type,
        record_id,
        order_id,
        given_at,
        cast(amount as {{ type_of('money') }}) as amount,
        cast(least(refunded_amount, amount) as {{ type_of('money') }}) as refunded_amount,
        currency,
        cancelled_at,
        financial_status
    from given

)

select * from final
