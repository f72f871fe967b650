{{ config(enabled=source_enabled('salesforce')) }}

with

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

-- A pledge is no gift yet, and one without an amount brought no money.
final as (

    select
        'salesforce' as source,
        opportunity_id as gift_id,
        record_type,
        record_id,
        {{ typed_null('text') }} as order_id,
        closed_at as given_at,
        amount,
        currency
    from opportunities
    where kind = 'gift' and is_won and amount > 0

)

select * from final
