{{ config(tags=["identity"]) }}

with

records as (

    select * from {{ ref('int_person_records') }}

),

vertices as (

    select * from {{ ref('int_identity_vertices') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

types as (

    select * from {{ ref('identifier_types') }}

),

-- A record of visits says what was done, and not who: a browser that joins it mixes no two people's data.
telling as (

    select distinct links.record_key
    from links
    left join types on links.identifier_type = types.identifier_type
    where types.link_kind is null or types.link_kind <> 'visit'

),

{% if var('exact_links') -%}
exact_components as (

    select * from {{ ref('int_identity_exact_components') }}

),
{%- else -%}
exact_components as (

    -- Nobody asked for it: of nobody it is known.
    select
        vertex_id,
        vertex_id as component_id
    from vertices
    where 1 = 0

),
{%- endif %}

parts as (

    select
        records.person_id,
        count(distinct case when telling.record_key is not null then exact_components.component_id end)
            as exact_parts_count
    from records
    inner join vertices on records.record_key = vertices.item_key and vertices.kind = 'record'
    inner join exact_components on vertices.vertex_id = exact_components.vertex_id
    left join telling on records.record_key = telling.record_key
    group by records.person_id

),

final as (

    select
        person_id,
        case when exact_parts_count = 1 then 'exact' else 'strict' end as confidence,
        exact_parts_count
    from parts

)

select * from final
