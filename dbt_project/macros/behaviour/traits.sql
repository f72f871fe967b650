{#- Statements of users' traits, by identify calls and by the users table. -#}
{% macro behaviour_traits(source_name) %}
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
        {{ kith.email_bare('email') }} as email,
        phone,
        {{ kith.phone_e164('phone') }} as number,
        {{ kith.name_clean('first_name') }} as given_name,
        {{ kith.name_clean('last_name') }} as family_name,
        birthday as birth_date,
        address_street as street,
        address_city as city,
        address_postal_code as postcode,
        address_state as region,
        address_country as country
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
    where row_status = 'staged' and not is_deleted and {{ user }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
{% endmacro %}
