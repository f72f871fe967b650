{{ config(enabled=source_enabled('klaviyo')) }}

with

profiles as (

    select
        *,
        {{ email_bare('email') }} as bare_email
    from {{ ref('base_klaviyo__person') }}
    where row_status = 'staged' and not is_deleted

),

engagements as (

    select * from {{ ref('stg_klaviyo__email_engagements') }}
    where {{ engagement_denies('engagement_type', 'bounce_type') }}

),

-- A list of channels without e-mail in it says nothing about e-mail.
granted as (

    select
        record_id,
        bare_email,
        'granted' as state,
        coalesce(custom_consent_timestamp, created_at, loaded_at) as decided_at,
        custom_consent_form_version as policy_version
    from profiles
    where {{ regexp_like('lower(custom_consent)', '(^|[^a-z])email([^a-z]|$)') }}

),

denied as (

    select
        profiles.record_id,
        profiles.bare_email,
        'denied' as state,
        engagements.occurred_at as decided_at,
        {{ typed_null('text') }} as policy_version
    from engagements
    inner join profiles on engagements.record_id = profiles.record_id

),

decisions as (

    select * from granted
    union all
    select * from denied

),

final as (

    select distinct
        'klaviyo' as source,
        'person' as record_type,
        record_id,
        {{ email_consent_columns() }},
        state,
        decided_at,
        policy_version
    from decisions
    where {{ email_invalid_reason('bare_email') }} is null

)

select * from final
