{{ config(enabled=source_enabled('salesforce')) }}

with

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

-- Won is not paid: Salesforce does not say when the money came.
final as (

    select
        'salesforce' as source,
        opportunity_id as order_id,
        record_type,
        record_id,
        closed_at as ordered_at,
        {{ typed_null('timestamp') }} as cancelled_at,
        {{ typed_null('text') }} as financial_status,
        'sales' as channel,
        currency,
        coalesce(amount, 0) as gross_amount,
        cast(0 as {{ type_of('money') }}) as refund_amount,
        cast(0 as {{ type_of('money') }}) as donation_amount,
        {{ typed_null('text') }} as cart_token,
        {{ typed_null('text') }} as checkout_token,
        loaded_at
    from opportunities
    where kind = 'sale' and is_won

)

select * from final
