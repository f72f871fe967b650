{#- What visitors let a browser or app do, by category, where it changes; from what every call says of it. `lists`
    where a tracker names the categories that are allowed and denied in two arrays, RudderStack's way. -#}
{% macro behaviour_preferences(source_name, lists=false) %}
{%- set categories = ['advertising', 'analytics', 'functional', 'marketing'] -%}
with

stated as (
    {% for table in ['identifies', 'pages', 'screens', 'tracks', 'groups'] %}
    select
        '{{ table }}|' || id as statement_id,
        '{{ table }}' as stated_in,
        anonymous_id,
        user_id,
        occurred_at,
        {%- if lists %}
        context_consent_management_allowed_consent_ids as allowed,
        context_consent_management_denied_consent_ids as denied,
        {%- endif %}
        {%- for category in categories %}
        context_consent_category_preferences_{{ category }} as {{ category }},
        {%- endfor %}
        context_consent_category_preferences as preferences
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
    where row_status = 'staged' and not is_deleted
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

pairs as (

    {{ kith.json_pairs('stated', 'preferences') }}

),
{% for list in ['allowed', 'denied'] if lists %}
{{ list }}_items as (

    {{ kith.json_items('stated', list) }}

),
{% endfor %}
said as (

    select
        statement_id,
        stated_in,
        anonymous_id,
        user_id,
        occurred_at,
        lower(name) as purpose,
        {{ kith.try_cast_boolean('value') }} as is_allowed
    from pairs
    {%- for category in categories %}
    union all
    select
        statement_id,
        stated_in,
        anonymous_id,
        user_id,
        occurred_at,
        '{{ category }}' as purpose,
        {{ category }} as is_allowed
    from stated
    where preferences is null and {{ category }} is not null
    {%- endfor %}
    {%- for list, is_allowed in [('allowed', 'true'), ('denied', 'false')] if lists %}
    union all
    select
        statement_id,
        stated_in,
        anonymous_id,
        user_id,
        occurred_at,
        lower(item) as purpose,
        {{ is_allowed }} as is_allowed
    from {{ list }}_items
    {%- endfor %}

),

compared as (

    select
        *,
        lag(is_allowed) over (
            partition by coalesce(anonymous_id, user_id), purpose
            order by occurred_at, {{ kith.bytewise('statement_id') }}
        ) as was_allowed
    from said
    -- Marketing in an identify call is about e-mail: stg_{{ source_name }}__consents has that.
    where
        is_allowed is not null
        and purpose is not null
        and not (stated_in = 'identifies' and purpose = 'marketing')

),

final as (

    select distinct
        '{{ source_name }}' as source,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        purpose,
        'web' as channel,
        case when anonymous_id is null then 'user_id' else 'anonymous_id' end as contact_point_type,
        coalesce(anonymous_id, user_id) as contact_point,
        case when is_allowed then 'granted' else 'denied' end as state,
        occurred_at as decided_at,
        {{ kith.typed_null('text') }} as policy_version
    from compared
    where was_allowed is null or was_allowed <> is_allowed

)

select * from final
{% endmacro %}
