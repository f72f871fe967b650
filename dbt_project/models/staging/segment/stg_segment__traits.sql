{{ config(enabled=source_enabled('segment')) }}

with

-- The traits that an identify call brings, and those that a user has today, are statements alike.
final as (
    {% for table, statement, user, at in [
        ('identifies', "'identifies|' || id", 'user_id', 'occurred_at'),
        ('users', "'users|' || id", 'id', 'received_at'),
    ] %}
    select
        {{ user }} as user_id,
        {{ statement }} as statement_id,
        coalesce({{ at }}, loaded_at) as stated_at,
        {{ email_bare('email') }} as email,
        phone,
        {{ phone_e164('phone') }} as number,
        {{ name_clean('first_name') }} as given_name,
        {{ name_clean('last_name') }} as family_name,
        birthday as birth_date,
        address_street as street,
        address_city as city,
        address_postal_code as postcode,
        address_state as region,
        address_country as country
    from {{ ref('base_segment__' ~ table) }}
    where row_status = 'staged' and not is_deleted and {{ user }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
