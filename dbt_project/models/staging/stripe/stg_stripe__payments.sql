{{ config(enabled=source_enabled('stripe')) }}

with

charges as (

    select * from {{ ref('stg_stripe__charges') }}

),

final as (

    select
        'stripe' as source,
        record_id as payment_id,
        'charge' as record_type,
        record_id,
        {{ typed_null('text') }} as order_id,
        paid_at,
        amount,
        refunded_amount,
        currency,
        method,
        payment_status as status,
        is_donation
    from charges

)

select * from final
