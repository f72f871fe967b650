with

records as (

    select * from {{ ref('int_identity_records') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

vertices as (

    -- 'record' sorts before 'value': the smallest vertex of a component is always a record.
    select
        'record' as kind,
        record_key as item_key
    from records

    union all

    select distinct
        'value' as kind,
        value_key as item_key
    from links
    where status = 'active'

),

keyed as (

    select
        kind,
        item_key,
        {{ joined_key(['kind', 'item_key']) }} as vertex_key
    from vertices

),

final as (

    select
        {{ row_labels('vertex_key') }} as vertex_id,
        kind,
        item_key,
        vertex_key
    from keyed

)

select * from final
