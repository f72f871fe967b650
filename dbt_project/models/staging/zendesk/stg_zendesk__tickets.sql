{{ config(enabled=source_enabled('zendesk')) }}

with

tickets as (

    select * from {{ ref('base_zendesk__ticket') }}
    where row_status = 'staged' and not is_deleted and status <> 'deleted'

),

final as (

    select
        'zendesk' as source,
        record_id as ticket_id,
        'user' as record_type,
        requester_id as record_id,
        subject,
        status,
        status in ('new', 'open', 'pending', 'hold') as is_open,
        priority,
        via_channel as channel,
        created_at,
        coalesce(updated_at, created_at) as updated_at
    from tickets

)

select * from final
