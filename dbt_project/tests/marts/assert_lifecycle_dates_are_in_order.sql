-- A customer was a lead first or at the same moment, and each stage has its people.
with

profiles as (

    select * from {{ ref('profiles') }}

),

final as (

    select person_id
    from profiles
    where
        became_lead_at > became_customer_at
        or (lifecycle_stage = 'customer') <> (orders_count > 0)
        or (lifecycle_stage = 'anonymous' and became_lead_at is not null)

)

select * from final
