{{ config(enabled=source_enabled('shopify')) }}

with

donation_lines as (

    select * from {{ ref('stg_shopify__donation_lines') }}

),

refunds as (

    select * from {{ ref('stg_shopify__order_refunds') }}

),

named as (

    select
        donation_lines.*,
        sum(donation_lines.refunded_amount) over (partition by donation_lines.order_id) as named_amount,
        coalesce(refunds.gift_refund_amount, 0) as gift_refund_amount
    from donation_lines
    left join refunds on donation_lines.order_id = refunds.order_id

),

-- What goes back beyond the lines that name it is shared by what the lines have left; what is less, by what they name.
weighed as (

    select
        *,
        case when gift_refund_amount > named_amount then refunded_amount else 0 end as certain_refund,
        case
            when gift_refund_amount > named_amount then gift_refund_amount - named_amount
            else gift_refund_amount
        end as shared_refund,
        case when gift_refund_amount > named_amount then amount - refunded_amount else refunded_amount end as weight
    from named

),

summed as (

    select
        *,
        sum(weight) over (partition by order_id) as order_weight,
        sum(weight) over (
            partition by order_id
            order by {{ bytewise('gift_id') }}
            rows between unbounded preceding and current row
        ) as running_weight
    from weighed

),

kept as (

    select
        *,
        amount - certain_refund
        - {{ share_of_money('shared_refund', 'weight', 'running_weight', 'order_weight') }} as kept_amount
    from summed

),

-- What went back, or was cancelled or voided with its order, was not given.
final as (

    select
        source,
        gift_id,
        record_type,
        record_id,
        order_id,
        given_at,
        cast(kept_amount as {{ type_of('money') }}) as amount,
        currency
    from kept
    where cancelled_at is null and coalesce(financial_status, '') <> 'voided' and kept_amount > 0

)

select * from final
