{{ config(enabled=source_enabled('snowplow')) }}

with

-- Pending and implicit are no decisions.
decisions as (

    select
        *,
        consent_choice in ('allow_all', 'allow_selected') as allows,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id
    from {{ ref('stg_snowplow__hits') }}
    where
        consent_choice in ('allow_all', 'allow_selected', 'deny_all', 'expired', 'withdrawn')
        and coalesce(user_id, anonymous_id) is not null

),

named as (

    {{ json_items('decisions', 'consent_scopes') | indent(4) }}

),

granted as (

    select distinct
        event_id,
        item as scope
    from named
    where allows

),

scopes as (

    select distinct item as scope
    from named
    where item is not null

),

-- What a visitor was asked and did not allow is denied: of all the scopes that this site asks for.
final as (

    select
        'snowplow' as source,
        decisions.record_type,
        decisions.record_id,
        lower(scopes.scope) as purpose,
        'web' as channel,
        case when decisions.anonymous_id is null then 'user_id' else 'anonymous_id' end as contact_point_type,
        coalesce(decisions.anonymous_id, decisions.user_id) as contact_point,
        case when granted.scope is null then 'denied' else 'granted' end as state,
        decisions.occurred_at as decided_at,
        decisions.consent_version as policy_version
    from decisions
    cross join scopes
    left join granted on decisions.event_id = granted.event_id and scopes.scope = granted.scope

)

select * from final
