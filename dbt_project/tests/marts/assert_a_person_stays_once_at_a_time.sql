-- A person is in an audience once, and does not leave before entering.
with

audience_members as (

    select * from {{ ref('audience_members') }}

),

final as (

    select
        audience,
        person_id
    from audience_members
    where exited_at is null
    group by audience, person_id
    having count(*) > 1

    union all

    select
        audience,
        person_id
    from audience_members
    where exited_at < entered_at

)

select * from final
