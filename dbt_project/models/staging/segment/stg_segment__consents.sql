{{ config(enabled=source_enabled('segment')) }}

with

traits as (

    select * from {{ ref('stg_segment__traits') }}

),

final as (

    select distinct
        'segment' as source,
        'user' as record_type,
        user_id as record_id,
        'marketing' as purpose,
        'email' as channel,
        'email' as contact_point_type,
        {{ email_key('email') }} as contact_point,
        case when marketing_consent then 'granted' else 'denied' end as state,
        stated_at as decided_at,
        {{ typed_null('text') }} as policy_version
    from traits
    where marketing_consent is not null and {{ email_invalid_reason('email') }} is null

)

select * from final
