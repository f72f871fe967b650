{{ config(materialized='connected_components', enabled=var('exact_links')) }}

with

vertices as (

    select * from {{ ref('int_identity_vertices') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

types as (

    select * from {{ ref('identifier_types') }}

),

final as (

    select
        records.vertex_id as vertex_a,
        identifier_values.vertex_id as vertex_b
    from links
    inner join types on links.identifier_type = types.identifier_type
    inner join vertices as records
        on links.record_key = records.item_key and records.kind = 'record'
    inner join vertices as identifier_values
        on links.value_key = identifier_values.item_key and identifier_values.kind = 'value'
    where links.status = 'active' and links.records_count > 1 and types.link_kind = 'exact'

    union all

    -- A record that shares nothing exact is a component of its own.
    select
        vertex_id as vertex_a,
        vertex_id as vertex_b
    from vertices
    where kind = 'record'

)

select * from final
