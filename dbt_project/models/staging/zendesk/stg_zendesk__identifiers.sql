{{ config(enabled=source_enabled('zendesk')) }}

with

users as (

    select
        *,
        coalesce(updated_at, created_at) as seen_last_at
    from {{ ref('base_zendesk__user') }}
    where row_status = 'staged' and not is_deleted and lower(role) = 'end-user'

),

mentions as (
    {% for identifier_type, column in [
        ('zendesk_user_id', 'record_id'), ('email', 'email'), ('phone', 'phone'), ('user_id', 'external_id')
    ] %}
    select
        'user' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        created_at as seen_first_at,
        seen_last_at
    from users
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'zendesk') }}

select * from final
