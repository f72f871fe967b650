-- An id has one birth: one record that it is derived from, in one build.
with

registered as (

    select * from {{ ref('person_id_registry') }}

),

final as (

    select person_id
    from registered
    where seed_key is not null
    group by person_id
    having count(distinct seed_key) > 1 or count(distinct build) > 1

)

select * from final
