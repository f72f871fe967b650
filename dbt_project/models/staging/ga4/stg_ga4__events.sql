{{ config(enabled=source_enabled('ga4')) }}

with

hits as (

    select
        *,
        {{ event_type_of('event_name') }} as event_type
    from {{ ref('stg_ga4__hits') }}

),

final as (

    select
        'ga4' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        case when user_id is not null then 'user' else 'anonymous' end as record_type,
        coalesce(user_id, anonymous_id) as record_id,
        platform,
        anonymous_id as visitor_id,
        url,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        {{ json_object({
            'title': 'title',
            'search': 'search_term',
            'product_id': 'product_id',
            'name': 'product_name',
            'price': ['number', 'price'],
            'quantity': ['number', 'quantity'],
            'order_id': 'order_id',
            'total': ['number', "case when event_type = 'Order Completed' then value end"],
            'value': ['number', "case when event_type <> 'Order Completed' then value end"],
            'currency': 'currency',
            'gclid': 'gclid',
        }) }} as properties
    from hits

)

select * from final
