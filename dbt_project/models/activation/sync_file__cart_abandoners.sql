with

members as (

    select * from {{ ref('audience_cart_abandoners') }}
    where exited_at is null

),

profiles as (

    select * from {{ ref('profiles') }}

),

carts as (

    select * from {{ ref('carts') }}
    where is_abandoned

),

carts_ranked as (

    select
        *,
        row_number() over (
            partition by person_id
            order by abandoned_at desc, {{ bytewise('source') }}, {{ bytewise('cart_id') }}
        ) as recency
    from carts

),

final as (

    select
        members.person_id,
        profiles.email,
        profiles.given_name,
        carts_ranked.value as cart_value,
        carts_ranked.currency,
        carts_ranked.cart_url,
        carts_ranked.items_count,
        carts_ranked.abandoned_at,
        members.entered_at,
        members.arm
    from members
    inner join profiles on members.person_id = profiles.person_id
    inner join carts_ranked on members.person_id = carts_ranked.person_id and carts_ranked.recency = 1
    where profiles.email is not null

)

select * from final
