{{ config(enabled=source_enabled('mailchimp')) }}

with

-- A member's id is a digest of the address, so it links nothing that the address does not.
members as (

    select
        *,
        coalesce(timestamp_signup, timestamp_opt) as seen_first_at
    from {{ ref('base_mailchimp__member') }}
    where row_status = 'staged' and not is_deleted

),

mentions as (
    {% for identifier_type, column in [('email', 'email_address'), ('phone', 'merge_phone')] %}
    select
        'member' as record_type,
        id as record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        seen_first_at,
        coalesce(last_changed, seen_first_at) as seen_last_at
    from members
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'mailchimp') }}

select * from final
