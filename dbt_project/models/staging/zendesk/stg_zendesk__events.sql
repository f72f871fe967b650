{{ config(enabled=source_enabled('zendesk')) }}

with

all_tickets as (

    select * from {{ ref('base_zendesk__ticket') }}
    where row_status = 'staged'

),

tickets as (

    select * from all_tickets
    where not is_deleted and lower(status) <> 'deleted'

),

customers as (

    select * from {{ ref('base_zendesk__user') }}
    where row_status = 'staged' and not is_deleted and lower(role) = 'end-user'

),

comments as (

    select * from {{ ref('base_zendesk__ticket_comment') }}
    where row_status = 'staged' and not is_deleted and coalesce(is_public, true)

),

ratings as (

    select * from {{ ref('base_zendesk__satisfaction_rating') }}
    where row_status = 'staged' and not is_deleted and lower(score) in ('good', 'bad')

),

happened as (

    select
        'ticket_created|' || record_id as event_id,
        'Ticket Created' as event_type,
        created_at as occurred_at,
        loaded_at,
        requester_id as user_id,
        record_id as ticket_id,
        lower(priority) as priority,
        lower(via_channel) as channel,
        {{ typed_null('text') }} as score
    from tickets
    union all
    -- What is written stays in the support tool: that the customer wrote is what matters here.
    select
        'ticket_commented|' || comments.record_id as event_id,
        'Ticket Commented' as event_type,
        comments.created_at as occurred_at,
        {{ last_loaded(['comments.loaded_at', 'customers.loaded_at']) }} as loaded_at,
        customers.record_id as user_id,
        comments.ticket_id,
        {{ typed_null('text') }} as priority,
        {{ typed_null('text') }} as channel,
        {{ typed_null('text') }} as score
    from comments
    inner join customers on comments.user_id = customers.record_id
    union all
    select
        'ticket_rated|' || ratings.record_id as event_id,
        'Ticket Rated' as event_type,
        coalesce(ratings.updated_at, ratings.created_at) as occurred_at,
        {{ last_loaded(['ratings.loaded_at', 'all_tickets.loaded_at']) }} as loaded_at,
        coalesce(ratings.requester_id, all_tickets.requester_id) as user_id,
        ratings.ticket_id,
        {{ typed_null('text') }} as priority,
        {{ typed_null('text') }} as channel,
        lower(ratings.score) as score
    from ratings
    left join all_tickets on ratings.ticket_id = all_tickets.record_id

),

final as (

    select
        'zendesk' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        'user' as record_type,
        user_id as record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({
            'ticket_id': 'ticket_id', 'priority': 'priority', 'channel': 'channel', 'score': 'score',
        }) }} as properties
    from happened

)

select * from final
