{{ config(enabled=source_enabled('square')) }}

with

payments as (

    select
        *,
        upper(status) as payment_status,
        {{ from_minor_units('coalesce(total_money_amount, amount_money_amount)', 'amount_money_currency') }} as amount,
        {{ from_minor_units('coalesce(refunded_money_amount, 0)', 'amount_money_currency') }} as refunded_amount
    from {{ ref('base_square__payments') }}
    where row_status = 'staged' and not is_deleted

),

final as (

    select
        'square' as source,
        record_id as payment_id,
        'payment' as record_type,
        record_id,
        order_id,
        created_at as paid_at,
        amount,
        refunded_amount,
        amount_money_currency as currency,
        lower(source_type) as method,
        case
            when payment_status in ('CANCELED', 'FAILED') then 'failed'
            when payment_status = 'COMPLETED' and refunded_amount > 0 and refunded_amount >= amount then 'refunded'
            when payment_status = 'COMPLETED' then 'succeeded'
            else 'pending'
        end as status,
        false as is_donation
    from payments

)

select * from final
