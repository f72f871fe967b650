{#- Visitors, users and log-ins with what they can be recognised by. `users_have_devices` where the users
    table keeps the device on which each was last seen. -#}
{% macro behaviour_identifiers(source_name, users_have_devices=false) %}
with

seen_together as (

    {{ kith.seen_together(ref('stg_' ~ source_name ~ '__calls')) }}

),

aliases as (

    select * from {{ ref('base_' ~ source_name ~ '__aliases') }}
    where row_status = 'staged' and not is_deleted

),

-- An alias call says of any two ids what a log-in says; so does a user's row that has the last device.
logins as (

    {{ kith.logins_seen() }}
    union all
    select
        previous_id as anonymous_id,
        user_id,
        occurred_at as seen_first_at,
        occurred_at as seen_last_at
    from aliases
    {%- if users_have_devices %}
    union all
    select
        anonymous_id,
        id as user_id,
        received_at as seen_first_at,
        received_at as seen_last_at
    from {{ ref('base_' ~ source_name ~ '__users') }}
    where row_status = 'staged' and not is_deleted and anonymous_id is not null
    {%- endif %}

),

traits as (

    select * from {{ ref('stg_' ~ source_name ~ '__traits') }}

),

mentions as (

    {{ kith.visitor_mentions() }}
    {%- for identifier_type in ['user_id', 'email', 'phone'] %}
    union all
    select
        'user' as record_type,
        user_id as record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ identifier_type }} as written,
        stated_at as seen_first_at,
        stated_at as seen_last_at
    from traits
    {%- endfor %}

),

{{ kith.identifiers_from('mentions', source_name) }}

select * from final
{% endmacro %}
