-- To the cent: what the profiles say was bought is what people's orders say.
with

profiles as (

    select * from {{ ref('profiles') }}

),

orders as (

    select * from {{ ref('orders') }}
    where is_purchase and person_id is not null

),

totals as (

    select
        (select coalesce(sum(net_revenue), 0) from profiles) as of_profiles,
        (select coalesce(sum(gross_amount), 0) - coalesce(sum(refund_amount), 0) from orders) as of_orders

),

final as (

    select * from totals
    where of_profiles <> of_orders

)

select * from final
