{{ config(enabled=source_enabled('shopify')) }}

with

orders as (

    select * from {{ ref('base_shopify__order') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_test, false)

),

refunds as (

    select * from {{ ref('base_shopify__refund') }}
    where row_status = 'staged' and not is_deleted

),

-- The last visit before an order is what led to it; the older generation has it in the order itself.
visits as (

    select
        *,
        row_number() over (
            partition by order_id
            order by case when occurred_at is null then 1 else 0 end, occurred_at desc, {{ bytewise('id') }}
        ) as place
    from {{ ref('base_shopify__customer_visit') }}
    where row_status = 'staged' and not is_deleted

),

-- A visit that was deleted since has changed its order's event too.
visit_loads as (

    select
        order_id,
        max(loaded_at) as loaded_at
    from {{ ref('base_shopify__customer_visit') }}
    where row_status = 'staged'
    group by order_id

),

happened as (

    select
        'order_completed|' || record_id as event_id,
        'Order Completed' as event_type,
        coalesce(processed_at, created_at) as occurred_at,
        loaded_at,
        id as order_id,
        total_price as amount,
        currency,
        source_name,
        landing_site_base_url,
        referring_site
    from orders
    union all
    select
        'order_cancelled|' || record_id as event_id,
        'Order Cancelled' as event_type,
        cancelled_at as occurred_at,
        loaded_at,
        id as order_id,
        total_price as amount,
        currency,
        source_name,
        {{ typed_null('text') }} as landing_site_base_url,
        {{ typed_null('text') }} as referring_site
    from orders
    where cancelled_at is not null
    union all
    select
        'order_refunded|' || refunds.record_id as event_id,
        'Order Refunded' as event_type,
        coalesce(refunds.processed_at, refunds.created_at) as occurred_at,
        {{ last_loaded(['refunds.loaded_at', 'orders.loaded_at']) }} as loaded_at,
        orders.id as order_id,
        refunds.total_refunded as amount,
        orders.currency,
        orders.source_name,
        {{ typed_null('text') }} as landing_site_base_url,
        {{ typed_null('text') }} as referring_site
    from refunds
    inner join orders on refunds.order_id = orders.id

),

final as (

    select
        'shopify' as source,
        happened.event_id,
        happened.event_type,
        happened.occurred_at,
        {{ last_loaded(['happened.loaded_at', 'visit_loads.loaded_at']) }} as loaded_at,
        'order' as record_type,
        happened.order_id as record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        coalesce(visits.landing_page, happened.landing_site_base_url) as url,
        coalesce(visits.referrer_url, happened.referring_site) as referrer,
        visits.utm_parameters_source as utm_source,
        visits.utm_parameters_medium as utm_medium,
        visits.utm_parameters_campaign as utm_campaign,
        {{ json_object({
            'order_id': 'happened.order_id',
            'total': ['number', 'happened.amount'],
            'currency': 'happened.currency',
            'source_name': 'happened.source_name',
        }) }} as properties
    from happened
    left join visits
        on
            happened.order_id = visits.order_id
            and visits.place = 1
            and happened.event_type = 'Order Completed'
    left join visit_loads
        on happened.order_id = visit_loads.order_id and happened.event_type = 'Order Completed'

)

select * from final
