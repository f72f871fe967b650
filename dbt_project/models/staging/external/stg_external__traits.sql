{{ config(enabled=source_enabled('external')) }}

with

people as (

    select
        record_id,
        loaded_at,
        attributes
    from {{ ref('base_external__people') }}
    where row_status = 'staged' and not is_deleted

),

attributes as (

    select * from {{ ref('base_external__attributes') }}
    where row_status = 'staged' and not is_deleted

),

holders as (

    select * from {{ ref('stg_external__attribute_holders') }}
    where is_valid

),

pairs as (

    {{ json_pairs('people', 'attributes') | indent(4) }}

),

said as (

    select
        'person' as record_type,
        record_id,
        {{ typed_null('text') }} as identifier_type,
        {{ typed_null('text') }} as identifier_value,
        name as trait,
        value as trait_value,
        loaded_at as observed_at,
        loaded_at
    from pairs
    union all
    select
        {{ typed_null('text') }} as record_type,
        {{ typed_null('text') }} as record_id,
        holders.identifier_type,
        holders.identifier_value,
        attributes.trait,
        attributes.trait_value,
        coalesce(attributes.observed_at, attributes.loaded_at) as observed_at,
        attributes.loaded_at
    from attributes
    inner join holders on attributes.record_id = holders.record_id

),

final as (

    select
        'external' as source,
        record_type,
        record_id,
        identifier_type,
        identifier_value,
        trait,
        trait_value,
        observed_at,
        loaded_at
    from said
    where trait <> '' and trait_value <> ''

)

select * from final
