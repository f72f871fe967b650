{{ config(tags=["identity"]) }}

with

records as (

    select * from {{ ref('int_person_records') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

final as (

    select
        records.person_id,
        links.identifier_type,
        links.identifier_value,
        {{ string_agg_distinct('links.source') }} as sources,
        links.status,
        links.reason,
        min(links.first_seen_at) as first_seen_at,
        max(links.last_seen_at) as last_seen_at
    from links
    inner join records on links.record_key = records.record_key
    group by
        records.person_id,
        links.identifier_type,
        links.identifier_value,
        links.status,
        links.reason

)

select * from final
