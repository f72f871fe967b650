{{ config(enabled=source_enabled('zendesk')) }}

with

tickets as (

    select
        *,
        lower(status) as ticket_status
    from {{ ref('base_zendesk__ticket') }}
    where row_status = 'staged' and not is_deleted and lower(status) <> 'deleted'

),

final as (

    select
        'zendesk' as source,
        record_id as ticket_id,
        'user' as record_type,
        requester_id as record_id,
        subject,
        ticket_status as status,
        ticket_status in ('new', 'open', 'pending', 'hold') as is_open,
        lower(priority) as priority,
        lower(via_channel) as channel,
        created_at,
        coalesce(updated_at, created_at) as updated_at
    from tickets

)

select * from final
