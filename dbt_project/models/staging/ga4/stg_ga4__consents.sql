{{ config(enabled=source_enabled('ga4')) }}

with

-- Every event says how things stand; Unset is no decision.
stated as (
    {% for purpose in ['analytics', 'ads'] %}
    select
        event_id,
        anonymous_id,
        user_id,
        '{{ purpose }}' as purpose,
        case when lower({{ purpose }}_storage) = 'yes' then 'granted' else 'denied' end as state,
        occurred_at
    from {{ ref('stg_ga4__hits') }}
    where lower({{ purpose }}_storage) in ('yes', 'no')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (

    select
        *,
        lag(state) over (
            partition by anonymous_id, purpose
            order by occurred_at, {{ bytewise('event_id') }}
        ) as former_state
    from stated

),

-- A decision is where it changes.
final as (

    select
        'ga4' as source,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        purpose,
        'web' as channel,
        'anonymous_id' as contact_point_type,
        anonymous_id as contact_point,
        state,
        occurred_at as decided_at,
        {{ typed_null('text') }} as policy_version
    from compared
    where former_state is null or former_state <> state

)

select * from final
