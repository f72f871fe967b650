-- A type without a row in identifier_types is held to the strictest limits, which may not be meant.
{{ config(severity='warn') }}

with

identifiers as (

    select * from {{ ref('int_identifiers') }}

),

types as (

    select * from {{ ref('identifier_types') }}

),

final as (

    select distinct identifiers.identifier_type
    from identifiers
    left join types on identifiers.identifier_type = types.identifier_type
    where types.identifier_type is null

)

select * from final
