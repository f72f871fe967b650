{{ config(tags=["identity"]) }}

with

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select
        source,
        record_type,
        record_id,
        person_id,
        matched_by,
        first_seen_at,
        last_seen_at
    from records

)

select * from final
