{{ config(enabled=source_enabled('shopify')) }}

with

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

transactions as (

    select
        *,
        lower(kind) as transaction_kind,
        lower(status) as transaction_status
    from {{ ref('base_shopify__transaction') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

-- A gateway is a company; the tender says whether it was card or cash, where an order has one means alone.
tenders as (

    select
        order_id,
        min(payment_method) as method
    from {{ ref('base_shopify__tender_transaction') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)
    group by order_id
    having count(distinct payment_method) = 1

),

paid_back as (

    select
        parent_id,
        sum(amount) as refunded_amount
    from transactions
    where transaction_kind = 'refund' and transaction_status = 'success' and parent_id is not null
    group by parent_id

),

joined as (

    select
        transactions.record_id as payment_id,
        orders.record_id,
        orders.id as order_id,
        coalesce(transactions.processed_at, orders.processed_at, orders.created_at) as paid_at,
        transactions.amount,
        coalesce(paid_back.refunded_amount, 0) as refunded_amount,
        coalesce(transactions.currency, orders.currency) as currency,
        lower(coalesce(tenders.method, transactions.gateway)) as method,
        transactions.transaction_status
    from transactions
    inner join orders on transactions.order_id = orders.id
    left join tenders on transactions.order_id = tenders.order_id
    left join paid_back on transactions.id = paid_back.parent_id
    where transactions.transaction_kind in ('sale', 'capture')

),

final as (

    select
        'shopify' as source,
        payment_id,
        'order' as record_type,
        record_id,
        order_id,
        paid_at,
        amount,
        cast(refunded_amount as {{ type_of('money') }}) as refunded_amount,
        currency,
        method,
        case
            when transaction_status = 'pending' then 'pending'
            when transaction_status <> 'success' then 'failed'
            when refunded_amount > 0 and refunded_amount >= amount then 'refunded'
            else 'succeeded'
        end as status,
        false as is_donation
    from joined

)

select * from final
