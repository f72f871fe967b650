-- What went back is what goods and donations gave back, and neither gave back more than it had unless more went back
-- than the order came to; a gift is what its donation kept.
{{ config(enabled=source_enabled('shopify')) }}

with

orders as (

    select * from {{ ref('stg_shopify__orders') }}

),

refunds as (

    select * from {{ ref('stg_shopify__order_refunds') }}

),

gifts as (

    select
        order_id,
        sum(amount) as gift_amount,
        min(amount) as least_amount
    from {{ ref('stg_shopify__gifts') }}
    group by order_id

),

compared as (

    select
        orders.order_id,
        orders.gross_amount,
        orders.refund_amount,
        orders.donation_amount,
        orders.cancelled_at is null and coalesce(orders.financial_status, '') <> 'voided' as stands,
        coalesce(refunds.refund_amount, 0) as order_refund_amount,
        coalesce(refunds.gift_refund_amount, 0) as gift_refund_amount,
        coalesce(gifts.gift_amount, 0) as gift_amount,
        coalesce(gifts.least_amount, 0) as least_amount
    from orders
    left join refunds on orders.order_id = refunds.order_id
    left join gifts on orders.order_id = gifts.order_id

),

final as (

    select * from compared
    where
        refund_amount + gift_refund_amount <> order_refund_amount
        or refund_amount < 0
        or gift_refund_amount < 0
        or gift_refund_amount > donation_amount
        or (order_refund_amount <= gross_amount + donation_amount and refund_amount > gross_amount)
        or (stands and gift_amount <> donation_amount - gift_refund_amount)
        or least_amount < 0

)

select * from final
