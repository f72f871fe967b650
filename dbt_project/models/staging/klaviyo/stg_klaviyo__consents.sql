{{ config(enabled=source_enabled('klaviyo')) }}

with

profiles as (

    select * from {{ ref('base_klaviyo__person') }}

),

refusals as (

    select * from {{ ref('stg_klaviyo__email_events') }}
    where {{ engagement_denies('engagement_type', 'bounce_type') }}

),

-- A list of channels without e-mail in it says nothing about e-mail. Only its own time is the decision's.
said as (

    select
        'person' as record_type,
        record_id,
        email as written,
        'granted' as state,
        custom_consent_timestamp as decision_at,
        loaded_at as known_at,
        row_status = 'staged' and not is_deleted as is_current,
        custom_consent_form_version as form_version
    from profiles
    where {{ regexp_like('lower(custom_consent)', '(^|[^a-z])email([^a-z]|$)') }}

    union all

    select
        'person' as record_type,
        refusals.person_id as record_id,
        profiles.email as written,
        'denied' as state,
        refusals.occurred_at as decision_at,
        refusals.loaded_at as known_at,
        refusals.is_current,
        {{ typed_null('text') }} as form_version
    from refusals
    left join profiles on refusals.person_id = profiles.id

),

{{ consents_from('said', 'klaviyo', 'form_version') }}

select * from final
