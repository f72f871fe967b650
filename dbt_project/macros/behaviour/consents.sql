{#- Decisions on e-mail marketing, and on what a browser or app may do. -#}
{% macro behaviour_consents(source_name) %}
{% set marketing_consent %}
coalesce(
            context_consent_category_preferences_marketing,
            {{ kith.try_cast_boolean(kith.regexp_extract(
                'lower(context_consent_category_preferences)', '"marketing" *: *"?(true|false)'
            )) }}
        )
{%- endset %}

with

-- An identify call is a decision at its own time. The users table has what was last heard, under the time of any
-- later touch: it can tell of a refusal, never of a consent. What cannot be read is taken for a refusal.
stated as (
    {% for table, user, visitor, decided, known in [
        ('identifies', 'user_id', 'anonymous_id', 'occurred_at', 'loaded_at'),
        ('users', 'id', kith.typed_null('text'), kith.typed_null('timestamp'), 'coalesce(received_at, loaded_at)'),
    ] %}
    select
        '{{ table }}' as stated_in,
        {{ user }} as user_id,
        {{ visitor }} as anonymous_id,
        email as written,
        {{ marketing_consent }} as marketing_consent,
        row_reason like 'context_consent_category_preferences_marketing:%' as is_unreadable,
        {{ decided }} as decision_at,
        {{ known }} as known_at,
        row_status = 'staged' and not is_deleted as is_current
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

said as (

    select
        case when user_id is null and anonymous_id is not null then 'anonymous' else 'user' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        written,
        case
            when not marketing_consent or is_unreadable then 'denied'
            when marketing_consent and user_id is not null and stated_in = 'identifies' then 'granted'
        end as state,
        decision_at,
        known_at,
        is_current
    from stated
    -- Of one who is not logged in it must name the address: what a device refuses is about the device.
    where user_id is not null or written is not null

),

{{ kith.consents_from('said', source_name) }},

all_decisions as (

    select * from final
    union all
    select * from {{ ref('stg_' ~ source_name ~ '__preferences') }}

)

select * from all_decisions
{% endmacro %}
