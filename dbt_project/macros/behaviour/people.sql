{#- Users, with each trait as last stated. -#}
{% macro behaviour_people(source_name) %}
with

traits as (

    select
        *,
        {{ kith.valid_email('email') }} as valid_email,
        {{ kith.valid_phone('phone', 'number') }} as valid_phone
    from {{ ref('stg_' ~ source_name ~ '__traits') }}

),

-- Each attribute is the last that was stated: a later call need not repeat the others.
final as (

    select
        '{{ source_name }}' as source,
        'user' as record_type,
        user_id as record_id,
        {{ kith.latest_value('valid_email', 'stated_at', 'statement_id') }} as email,
        {{ kith.latest_value('valid_phone', 'stated_at', 'statement_id') }} as phone,
        {{ kith.latest_value('given_name', 'stated_at', 'statement_id') }} as given_name,
        {{ kith.latest_value('family_name', 'stated_at', 'statement_id') }} as family_name,
        {{ kith.latest_value('birth_date', 'stated_at', 'statement_id', 'date') }} as birth_date,
        {{ kith.latest_value('street', 'stated_at', 'statement_id') }} as street,
        {{ kith.latest_value('city', 'stated_at', 'statement_id') }} as city,
        {{ kith.latest_value('postcode', 'stated_at', 'statement_id') }} as postcode,
        {{ kith.latest_value('region', 'stated_at', 'statement_id') }} as region,
        {{ kith.latest_value('country', 'stated_at', 'statement_id') }} as country,
        min(stated_at) as first_seen_at,
        max(stated_at) as last_seen_at
    from traits
    group by user_id

)

select * from final
{% endmacro %}
