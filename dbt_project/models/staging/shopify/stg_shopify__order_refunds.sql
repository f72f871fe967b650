{{ config(enabled=source_enabled('shopify')) }}

with

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

donations as (

    select
        order_id,
        sum(amount) as donation_amount,
        sum(refunded_amount) as named_donation_amount
    from {{ ref('stg_shopify__donation_lines') }}
    group by order_id

),

lines as (

    select * from {{ ref('base_shopify__order_line') }}
    where row_status = 'staged' and not is_deleted

),

line_refunds as (

    select * from {{ ref('base_shopify__order_line_refund') }}
    where row_status = 'staged' and not is_deleted

),

named as (

    select
        lines.order_id,
        sum(coalesce(line_refunds.subtotal, 0) + coalesce(line_refunds.total_tax, 0)) as named_amount
    from line_refunds
    inner join lines on line_refunds.order_line_id = lines.id
    group by lines.order_id

),

paid_back as (

    select
        order_id,
        sum(amount) as refund_amount
    from {{ ref('base_shopify__transaction') }}
    where
        row_status = 'staged'
        and not is_deleted
        and not coalesce(is_test, false)
        and lower(kind) = 'refund'
        and lower(status) = 'success'
    group by order_id

),

refunds as (

    select
        order_id,
        sum(total_refunded) as refund_amount
    from {{ ref('base_shopify__refund') }}
    where row_status = 'staged' and not is_deleted
    group by order_id

),

refunded as (

    select
        orders.record_id,
        orders.id as order_id,
        orders.total_price,
        -- Payments say what went back; the refund's own total stands in where they are not loaded.
        coalesce(paid_back.refund_amount, refunds.refund_amount) as refund_amount,
        coalesce(donations.donation_amount, 0) as donation_amount,
        coalesce(donations.named_donation_amount, 0) as named_donation_amount,
        coalesce(named.named_amount, 0) as named_amount
    from orders
    left join donations on orders.id = donations.order_id
    left join named on orders.id = named.order_id
    left join paid_back on orders.id = paid_back.order_id
    left join refunds on orders.id = refunds.order_id
    where coalesce(paid_back.refund_amount, refunds.refund_amount) > 0

),

-- What the lines name went back for them, or that much of it as was paid. What no line names, as shipping, is the
-- goods'. Without lines each side has its part of the order.
judged as (

    select
        *,
        case
            when named_amount > refund_amount
                then {{ rounded_money(ratio_of_money('refund_amount', 'named_donation_amount', 'named_amount')) }}
            when named_amount > 0 then named_donation_amount
            when total_price > 0
                then {{ rounded_money(ratio_of_money('refund_amount', 'donation_amount', 'total_price')) }}
            else 0
        end as donation_share
    from refunded

),

-- Neither side gives back more than it had, until both have given back all.
shared as (

    select
        *,
        least(
            donation_amount,
            refund_amount,
            greatest(donation_share, refund_amount - (total_price - donation_amount))
        ) as gift_refund_amount
    from judged

),

final as (

    select
        record_id,
        order_id,
        cast(refund_amount as {{ type_of('money') }}) as refund_amount,
        cast(refund_amount - gift_refund_amount as {{ type_of('money') }}) as goods_refund_amount,
        cast(gift_refund_amount as {{ type_of('money') }}) as gift_refund_amount
    from shared

)

select * from final
