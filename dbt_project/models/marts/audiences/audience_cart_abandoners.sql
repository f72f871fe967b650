with

carts as (

    select * from {{ ref('carts') }}

),

profiles as (

    select * from {{ ref('profiles') }}

),

final as (

    select distinct profiles.person_id
    from carts
    inner join profiles on carts.person_id = profiles.person_id
    where
        carts.is_abandoned
        and carts.abandoned_at >= {{ add_time(now_utc(), -7, 'day') }}
        and profiles.marketing_email_consent

)

select * from final
