with

int_tickets as (

    select * from {{ ref('int_tickets') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select
        int_tickets.source,
        int_tickets.ticket_id,
        records.person_id,
        int_tickets.record_type,
        int_tickets.record_id,
        int_tickets.subject,
        int_tickets.status,
        int_tickets.is_open,
        int_tickets.priority,
        int_tickets.channel,
        int_tickets.created_at,
        int_tickets.updated_at
    from int_tickets
    left join records on {{ same_record('int_tickets', 'records') }}

)

select * from final
