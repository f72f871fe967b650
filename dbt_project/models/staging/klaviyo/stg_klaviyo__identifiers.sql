{{ config(enabled=source_enabled('klaviyo')) }}

with

profiles as (

    select
        *,
        coalesce(updated_at, created_at) as seen_last_at
    from {{ ref('base_klaviyo__person') }}
    where row_status = 'staged' and not is_deleted

),

mentions as (
    {% for identifier_type, column in [
        ('klaviyo_person_id', 'record_id'), ('email', 'email'), ('phone', 'phone_number')
    ] %}
    select
        'person' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        created_at as seen_first_at,
        seen_last_at
    from profiles
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'klaviyo') }}

select * from final
