-- Without an exchange rate an amount is left out of every sum. Add the currency to exchange_rates.
{{ config(severity='warn') }}

with

orders as (

    select * from {{ ref('orders') }}

),

gifts as (

    select * from {{ ref('gifts') }}

),

carts as (

    select * from {{ ref('carts') }}

),

final as (

    select original_currency from orders
    where not is_converted

    union all

    select original_currency from gifts
    where not is_converted

    union all

    select original_currency from carts
    where not is_converted

)

select distinct original_currency from final
