with

int_orders as (

    select * from {{ ref('int_orders') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

rates as (

    select * from {{ ref('int_exchange_rates') }}

),

converted as (

    select
        int_orders.source,
        int_orders.order_id,
        records.person_id,
        int_orders.record_type,
        int_orders.record_id,
        int_orders.ordered_at,
        int_orders.cancelled_at,
        int_orders.financial_status,
        int_orders.channel,
        int_orders.currency as original_currency,
        int_orders.gross_amount as original_gross_amount,
        {{ in_base_currency('int_orders.gross_amount', 'int_orders.currency', 'rates.rate') }}
            as gross_amount,
        {{ in_base_currency('coalesce(int_orders.refund_amount, 0)', 'int_orders.currency', 'rates.rate') }}
            as refund_amount,
        {{ in_base_currency('coalesce(int_orders.donation_amount, 0)', 'int_orders.currency', 'rates.rate') }}
            as donation_amount,
        int_orders.cancelled_at is null
        and coalesce(int_orders.financial_status, '') <> 'voided'
        and not (coalesce(int_orders.gross_amount, 0) = 0 and coalesce(int_orders.donation_amount, 0) > 0)
            as is_purchase,
        int_orders.cart_token,
        int_orders.checkout_token,
        int_orders.loaded_at
    from int_orders
    left join records on {{ same_record('int_orders', 'records') }}
    left join rates on {{ rate_held_at('rates', 'int_orders.currency', 'int_orders.ordered_at') }}

),

final as (

    select
        source,
        order_id,
        person_id,
        record_type,
        record_id,
        ordered_at,
        cancelled_at,
        financial_status,
        channel,
        cast('{{ var("base_currency") }}' as {{ type_of('text') }}) as currency,
        gross_amount,
        refund_amount,
        cast(gross_amount - refund_amount as {{ type_of('money') }}) as net_amount,
        donation_amount,
        original_currency,
        original_gross_amount,
        gross_amount is not null or original_gross_amount is null as is_converted,
        is_purchase,
        cart_token,
        checkout_token,
        loaded_at
    from converted

)

select * from final
