{{ config(materialized='connected_components') }}

with

vertices as (

    select * from {{ ref('int_identity_vertices') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

final as (

    select
        records.vertex_id as vertex_a,
        identifier_values.vertex_id as vertex_b
    from links
    inner join vertices as records
        on links.record_key = records.item_key and records.kind = 'record'
    inner join vertices as identifier_values
        on links.value_key = identifier_values.item_key and identifier_values.kind = 'value'
    where links.status = 'active'

    union all

    -- A record without a link is a component of its own.
    select
        vertex_id as vertex_a,
        vertex_id as vertex_b
    from vertices

)

select * from final
