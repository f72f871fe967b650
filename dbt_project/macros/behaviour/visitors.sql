{#- Who is seen on which device, the same for every tracker: a record each for a visitor, a user and a log-in. -#}

{#- One row per visitor, user and device ids that calls name together, from a relation with anonymous_id, user_id,
    occurred_at and a column for each kind of device id. -#}
{% macro seen_together(calls, devices=['device_id']) -%}
    select
        anonymous_id,
        user_id,
        {%- for device in devices %}
        {{ device }},
        {%- endfor %}
        min(occurred_at) as seen_first_at,
        max(occurred_at) as seen_last_at
    from {{ calls }}
    group by anonymous_id, user_id, {{ devices | join(', ') }}
{%- endmacro %}

{#- A visitor and a user that one call names are a log-in; from a CTE seen_together. -#}
{% macro logins_seen() -%}
    select
        anonymous_id,
        user_id,
        seen_first_at,
        seen_last_at
    from seen_together
    where anonymous_id is not null and user_id is not null
{%- endmacro %}

{#- What the records of visitors, users and log-ins mention, for identifiers_from, out of CTEs seen_together and
    `logins` (anonymous_id, user_id, seen_first_at, seen_last_at). -#}
{% macro visitor_mentions(devices=['device_id']) -%}
    {%- set mentions = [
        ('anonymous', 'anonymous_id', 'anonymous_id', 'seen_together'),
        ('user', 'user_id', 'user_id', 'seen_together'),
        ('login', kith.login_id(), 'anonymous_id', 'logins'),
        ('login', kith.login_id(), 'user_id', 'logins'),
    ] -%}
    {%- for device in devices -%}
        {%- do mentions.append(('anonymous', 'anonymous_id', device, 'seen_together')) -%}
    {%- endfor -%}
    {%- for record_type, record_id, identifier_type, relation in mentions %}
    select
        '{{ record_type }}' as record_type,
        {{ record_id }} as record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ identifier_type }} as written,
        seen_first_at,
        seen_last_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro login_id() -%}
    {{ kith.joined_key(['anonymous_id', 'user_id']) }}
{%- endmacro %}
