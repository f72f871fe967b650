with

int_payments as (

    select * from {{ ref('int_payments') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

rates as (

    select * from {{ ref('int_exchange_rates') }}

),

converted as (

    select
        int_payments.source,
        int_payments.payment_id,
        records.person_id,
        int_payments.record_type,
        int_payments.record_id,
        int_payments.order_id,
        int_payments.paid_at,
        {{ in_base_currency('int_payments.amount', 'int_payments.currency', 'rates.rate') }} as amount,
        {{ in_base_currency('coalesce(int_payments.refunded_amount, 0)', 'int_payments.currency', 'rates.rate') }}
            as refunded_amount,
        int_payments.amount as original_amount,
        int_payments.refunded_amount as original_refunded_amount,
        int_payments.currency as original_currency,
        int_payments.method,
        int_payments.status,
        coalesce(int_payments.is_donation, false) as is_donation
    from int_payments
    left join records on {{ same_record('int_payments', 'records') }}
    left join rates on {{ rate_held_at('rates', 'int_payments.currency', 'int_payments.paid_at') }}

),

final as (

    select
        source,
        payment_id,
        person_id,
        record_type,
        record_id,
        order_id,
        paid_at,
        amount,
        refunded_amount,
        cast('{{ var("base_currency") }}' as {{ type_of('text') }}) as currency,
        original_amount,
        original_refunded_amount,
        original_currency,
        amount is not null or original_amount is null as is_converted,
        method,
        status,
        is_donation
    from converted

)

select * from final
