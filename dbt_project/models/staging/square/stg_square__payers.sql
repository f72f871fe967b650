{{ config(enabled=source_enabled('square')) }}

with

payments as (

    select * from {{ ref('base_square__payments') }}
    where row_status = 'staged' and not is_deleted

),

orders as (

    select * from {{ ref('base_square__orders') }}
    where row_status = 'staged' and not is_deleted

),

-- Several people may pay one bill; the one who paid most stands first.
ranked as (

    select
        payments.*,
        row_number() over (
            partition by payments.order_id
            order by
                case when upper(payments.status) in ('CANCELED', 'FAILED') then 1 else 0 end,
                payments.amount_money_amount desc,
                {{ bytewise('payments.record_id') }}
        ) as place,
        count(*) over (partition by payments.order_id) as payments_count
    from payments

),

final as (

    select
        ranked.record_id,
        ranked.order_id,
        coalesce(
            ranked.customer_id,
            case when ranked.payments_count = 1 then orders.customer_id end
        ) as customer_id,
        ranked.card_fingerprint,
        ranked.buyer_email_address as email,
        ranked.billing_address_first_name as given_name,
        ranked.billing_address_last_name as family_name,
        ranked.created_at as paid_at,
        ranked.place
    from ranked
    left join orders on ranked.order_id = orders.id

)

select * from final
