{{ config(enabled=source_enabled('zendesk')) }}

with

tickets as (

    select * from {{ ref('base_zendesk__ticket') }}
    where row_status = 'staged' and not is_deleted and status <> 'deleted'

),

final as (

    select
        'zendesk' as source,
        'ticket_created|' || record_id as event_id,
        'Ticket Created' as event_type,
        created_at as occurred_at,
        loaded_at,
        'user' as record_type,
        requester_id as record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({'ticket_id': 'record_id', 'priority': 'priority', 'channel': 'via_channel'}) }} as properties
    from tickets

)

select * from final
