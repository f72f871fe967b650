{{ config(tags=["identity"]) }}

with

registered as (

    select * from {{ ref('person_id_registry') }}
    where change in ('created', 'merged', 'split')

),

final as (

    select
        assigned_at as changed_at,
        change,
        person_id,
        former_person_id as other_person_id,
        case change
            when 'created' then 'first records of this person'
            when 'merged' then 'an identifier now joins the records of both; the oldest id survives'
            else 'nothing joins these records any more; the largest part keeps the id'
        end as reason,
        build
    from registered
    group by assigned_at, change, person_id, former_person_id, build

)

select * from final
