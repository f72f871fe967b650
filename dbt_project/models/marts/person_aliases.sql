{{ config(tags=["identity"]) }}

with

registered as (

    select * from {{ ref('person_id_registry') }}
    where subject_type = 'person'

),

ranked as (

    select
        *,
        min(assigned_at) over (partition by subject_key) as retired_at,
        row_number() over (partition by subject_key order by build desc) as recency
    from registered

),

final as (

    select
        substr(subject_key, 8) as alias_person_id,
        person_id,
        retired_at
    from ranked
    where recency = 1

)

select * from final
