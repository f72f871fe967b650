{{ config(enabled=source_enabled('shopify')) }}

with

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

donations as (

    select
        order_id,
        sum(amount) as donation_amount
    from {{ ref('stg_shopify__donation_lines') }}
    group by order_id

),

refunds as (

    select * from {{ ref('stg_shopify__order_refunds') }}

),

final as (

    select
        'shopify' as source,
        orders.id as order_id,
        'order' as record_type,
        orders.record_id,
        coalesce(orders.processed_at, orders.created_at) as ordered_at,
        orders.cancelled_at,
        lower(orders.financial_status) as financial_status,
        case when lower(orders.source_name) in ('pos', 'point_of_sale') then 'pos' else 'online' end as channel,
        orders.currency,
        cast(orders.total_price - coalesce(donations.donation_amount, 0) as {{ type_of('money') }}) as gross_amount,
        cast(coalesce(refunds.goods_refund_amount, 0) as {{ type_of('money') }}) as refund_amount,
        cast(coalesce(donations.donation_amount, 0) as {{ type_of('money') }}) as donation_amount,
        orders.cart_token,
        orders.checkout_token,
        orders.loaded_at
    from orders
    left join donations on orders.id = donations.order_id
    left join refunds on orders.id = refunds.order_id

)

select * from final
