{{ config(enabled=source_enabled('square')) }}

with

orders as (

    select
        orders.record_id,
        orders.order_id,
        orders.ordered_at,
        orders.cancelled_at,
        orders.gross_amount,
        orders.currency,
        {{ last_loaded(['orders.loaded_at', 'raw_orders.loaded_at', 'locations.loaded_at']) }} as loaded_at,
        raw_orders.location_id,
        locations.location_name
    from {{ ref('stg_square__orders') }} as orders
    inner join {{ ref('base_square__orders') }} as raw_orders
        on orders.record_id = raw_orders.record_id and raw_orders.row_status = 'staged'
    left join {{ ref('base_square__locations') }} as locations
        on raw_orders.location_id = locations.id and locations.row_status = 'staged'

),

refunds as (

    select
        *,
        {{ from_minor_units('amount_money_amount', 'amount_money_currency') }} as amount
    from {{ ref('base_square__refunds') }}
    where row_status = 'staged' and not is_deleted and upper(status) = 'COMPLETED'

),

happened as (

    select
        'order_completed|' || record_id as event_id,
        'Order Completed' as event_type,
        ordered_at as occurred_at,
        loaded_at,
        record_id,
        gross_amount as amount,
        currency,
        location_name
    from orders
    where cancelled_at is null
    union all
    select
        'order_cancelled|' || record_id as event_id,
        'Order Cancelled' as event_type,
        cancelled_at as occurred_at,
        loaded_at,
        record_id,
        gross_amount as amount,
        currency,
        location_name
    from orders
    where cancelled_at is not null
    union all
    select
        'order_refunded|' || refunds.record_id as event_id,
        'Order Refunded' as event_type,
        refunds.created_at as occurred_at,
        {{ last_loaded(['refunds.loaded_at', 'orders.loaded_at']) }} as loaded_at,
        orders.record_id,
        refunds.amount,
        orders.currency,
        orders.location_name
    from refunds
    inner join orders on refunds.order_id = orders.order_id

),

final as (

    select
        'square' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        'order' as record_type,
        record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({
            'order_id': 'record_id',
            'total': ['number', 'amount'],
            'currency': 'currency',
            'location': 'location_name',
        }) }} as properties
    from happened

)

select * from final
