with

orders as (

    select * from {{ ref('orders') }}
    where is_purchase

),

gifts as (

    select * from {{ ref('gifts') }}

),

sessions as (

    select * from {{ ref('sessions') }}

),

tickets as (

    select * from {{ ref('tickets') }}

),

persons as (

    select distinct person_id
    from {{ ref('person_records') }}

),

order_totals as (

    select
        person_id,
        count(*) as orders_count,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        sum(gross_amount) as gross_revenue,
        sum(refund_amount) as refunds_total,
        sum(case when is_converted then 0 else 1 end) as unconverted_orders_count
    from orders
    group by person_id

),

gift_totals as (

    select
        person_id,
        count(*) as gifts_count,
        sum(amount) as gifts_total,
        min(given_at) as first_gift_at,
        max(given_at) as last_gift_at
    from gifts
    group by person_id

),

session_totals as (

    select
        person_id,
        count(*) as sessions_count
    from sessions
    group by person_id

),

ticket_totals as (

    select
        person_id,
        count(*) as tickets_count,
        sum(case when is_open then 1 else 0 end) as open_tickets_count
    from tickets
    group by person_id

),

joined as (

    select
        persons.person_id,
        coalesce(order_totals.orders_count, 0) as orders_count,
        order_totals.first_order_at,
        order_totals.last_order_at,
        coalesce(order_totals.gross_revenue, 0) as gross_revenue,
        coalesce(order_totals.refunds_total, 0) as refunds_total,
        coalesce(order_totals.unconverted_orders_count, 0) as unconverted_orders_count,
        coalesce(gift_totals.gifts_count, 0) as gifts_count,
        coalesce(gift_totals.gifts_total, 0) as gifts_total,
        gift_totals.first_gift_at,
        gift_totals.last_gift_at,
        coalesce(session_totals.sessions_count, 0) as sessions_count,
        coalesce(ticket_totals.tickets_count, 0) as tickets_count,
        coalesce(ticket_totals.open_tickets_count, 0) as open_tickets_count
    from persons
    left join order_totals on persons.person_id = order_totals.person_id
    left join gift_totals on persons.person_id = gift_totals.person_id
    left join session_totals on persons.person_id = session_totals.person_id
    left join ticket_totals on persons.person_id = ticket_totals.person_id

),

final as (

    select
        person_id,
        cast(orders_count as {{ type_of('integer') }}) as orders_count,
        first_order_at,
        last_order_at,
        cast(gross_revenue as {{ type_of('money') }}) as gross_revenue,
        cast(refunds_total as {{ type_of('money') }}) as refunds_total,
        cast(gross_revenue - refunds_total as {{ type_of('money') }}) as net_revenue,
        case
            when orders_count - unconverted_orders_count > 0
                then {{ rounded_money('gross_revenue / (orders_count - unconverted_orders_count)') }}
        end as average_order_value,
        cast(unconverted_orders_count as {{ type_of('integer') }}) as unconverted_orders_count,
        cast(gifts_count as {{ type_of('integer') }}) as gifts_count,
        cast(gifts_total as {{ type_of('money') }}) as gifts_total,
        first_gift_at,
        last_gift_at,
        cast(sessions_count as {{ type_of('integer') }}) as sessions_count,
        cast(tickets_count as {{ type_of('integer') }}) as tickets_count,
        cast(open_tickets_count as {{ type_of('integer') }}) as open_tickets_count
    from joined

)

select * from final
