{{ config(enabled=source_enabled('external')) }}

with

attributes as (

    select
        *,
        lower(identifier_type) as holder_type
    from {{ ref('base_external__attributes') }}
    where row_status = 'staged' and not is_deleted

),

-- The identifier as people's records have it.
mentions as (

    select
        'attribute' as record_type,
        record_id,
        holder_type as identifier_type,
        case
            when holder_type = 'national_id' then {{ document_key('written_value') }}
            else written_value
        end as written,
        observed_at as seen_first_at,
        observed_at as seen_last_at
    from attributes

),

{{ identifiers_from('mentions', 'external') }}

select * from final
