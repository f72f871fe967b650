with

components as (

    select * from {{ ref('int_identity_components') }}

),

vertices as (

    select * from {{ ref('int_identity_vertices') }}

),

records as (

    select * from {{ ref('int_identity_records') }}

),

final as (

    select
        records.record_key,
        smallest.item_key as component_key,
        records.first_seen_at
    from components
    inner join vertices on components.vertex_id = vertices.vertex_id
    inner join vertices as smallest on components.component_id = smallest.vertex_id
    inner join records on vertices.item_key = records.record_key
    where vertices.kind = 'record'

)

select * from final
