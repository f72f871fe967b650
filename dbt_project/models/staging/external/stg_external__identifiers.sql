{{ config(enabled=source_enabled('external')) }}

with

people as (

    select
        *,
        {{ document_key('national_id') }} as document_number
    from {{ ref('base_external__people') }}
    where row_status = 'staged' and not is_deleted

),

mentions as (
    {% for identifier_type, column in [
        ('external_record_id', 'record_id'),
        ('email', 'email'),
        ('phone', 'phone'),
        ('national_id', 'document_number'),
        ('loyalty_id', 'loyalty_id'),
    ] %}
    select
        'person' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        loaded_at as seen_first_at,
        loaded_at as seen_last_at
    from people
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'external') }}

select * from final
