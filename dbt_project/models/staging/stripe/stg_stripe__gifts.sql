{{ config(enabled=source_enabled('stripe')) }}

with

charges as (

    select * from {{ ref('stg_stripe__charges') }}
    where is_donation and payment_status = 'succeeded'

),

-- What was given is what stayed.
final as (

    select
        'stripe' as source,
        record_id as gift_id,
        'charge' as record_type,
        record_id,
        {{ typed_null('text') }} as order_id,
        paid_at as given_at,
        cast(amount - refunded_amount as {{ type_of('money') }}) as amount,
        currency
    from charges

)

select * from final
