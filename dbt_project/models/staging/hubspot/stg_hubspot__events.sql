{{ config(enabled=source_enabled('hubspot')) }}

with

leads as (

    select * from {{ ref('stg_hubspot__leads') }}

),

engagements as (

    select * from {{ ref('stg_hubspot__email_engagements') }}

),

submitted as (

    select
        source,
        'form_submitted|' || lead_id as event_id,
        'Form Submitted' as event_type,
        submitted_at as occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        page_url as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({'form_name': 'form_name'}) }} as properties
    from leads

),

final as (

    select * from submitted
    union all
    select
        {{ event_columns_of_engagements() }}
    from engagements

)

select * from final
