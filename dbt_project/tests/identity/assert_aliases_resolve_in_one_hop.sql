-- A retired id is nobody's id, and points to an id that is not retired itself.
with

aliases as (

    select * from {{ ref('person_aliases') }}

),

people as (

    select distinct person_id
    from {{ ref('person_records') }}

),

final as (

    select aliases.alias_person_id
    from aliases
    inner join aliases as next_aliases on aliases.person_id = next_aliases.alias_person_id

    union all

    select aliases.alias_person_id
    from aliases
    inner join people on aliases.alias_person_id = people.person_id

)

select * from final
