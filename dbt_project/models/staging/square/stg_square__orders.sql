{{ config(enabled=source_enabled('square')) }}

with

orders as (

    select
        *,
        upper(state) as order_state,
        {{ from_minor_units('total_money_amount', 'total_money_currency') }} as gross_amount
    from {{ ref('base_square__orders') }}
    where row_status = 'staged' and not is_deleted and coalesce(upper(state), '') <> 'DRAFT'

),

payments as (

    select * from {{ ref('stg_square__payments') }}
    where status in ('succeeded', 'refunded')

),

paid as (

    select
        order_id,
        sum(amount) as paid_amount,
        sum(refunded_amount) as refunded_amount
    from payments
    group by order_id

),

refunds as (

    select
        order_id,
        sum({{ from_minor_units('amount_money_amount', 'amount_money_currency') }}) as refunded_amount
    from {{ ref('base_square__refunds') }}
    where row_status = 'staged' and not is_deleted and upper(status) = 'COMPLETED'
    group by order_id

),

joined as (

    select
        orders.*,
        coalesce(paid.paid_amount, 0) as paid_amount,
        -- Refunds say what went back; the payments' own totals stand in where they are not loaded.
        coalesce(refunds.refunded_amount, paid.refunded_amount, 0) as refunded_amount
    from orders
    left join paid on orders.id = paid.order_id
    left join refunds on orders.id = refunds.order_id

),

final as (

    select
        'square' as source,
        id as order_id,
        'order' as record_type,
        record_id,
        coalesce(closed_at, created_at) as ordered_at,
        case when order_state = 'CANCELED' then coalesce(closed_at, updated_at, created_at) end as cancelled_at,
        case
            when order_state = 'CANCELED' then 'voided'
            when refunded_amount > 0 and refunded_amount >= gross_amount then 'refunded'
            when refunded_amount > 0 then 'partially_refunded'
            when order_state = 'COMPLETED' or paid_amount >= gross_amount then 'paid'
            else 'pending'
        end as financial_status,
        case when lower(source_name) like '%online%' then 'online' else 'pos' end as channel,
        total_money_currency as currency,
        gross_amount,
        cast(refunded_amount as {{ type_of('money') }}) as refund_amount,
        cast(0 as {{ type_of('money') }}) as donation_amount,
        {{ typed_null('text') }} as cart_token,
        {{ typed_null('text') }} as checkout_token,
        loaded_at
    from joined

)

select * from final
