{{ config(enabled=source_enabled('shopify')) }}

with

donation_lines as (

    select * from {{ ref('stg_shopify__donation_lines') }}

),

-- What was cancelled with its order was not given.
final as (

    select
        source,
        gift_id,
        record_type,
        record_id,
        order_id,
        given_at,
        amount,
        currency
    from donation_lines
    where cancelled_at is null

)

select * from final
