{{ config(enabled=source_enabled('ga4')) }}

with

raw_events as (

    select
        *,
        {{ json_param('event_params', 'value') }} as value_written,
        {{ json_get('items', [0, 'price']) }} as price_written,
        {{ json_get('items', [0, 'quantity']) }} as quantity_written
    from {{ ref('base_ga4__events') }}
    where row_status = 'staged' and not is_deleted

),

final as (

    select
        record_id as event_id,
        event_name,
        user_pseudo_id as anonymous_id,
        user_id,
        coalesce(device_vendor_id, device_advertising_id) as device_id,
        occurred_at,
        loaded_at,
        case
            when upper(platform) = 'WEB' then 'web'
            when upper(platform) in ('IOS', 'ANDROID') then 'app'
        end as platform,
        {{ json_param('event_params', 'page_location') }} as url,
        {{ json_param('event_params', 'page_referrer') }} as referrer,
        coalesce(
            collected_traffic_source_manual_source, {{ json_param('event_params', 'source') }}
        ) as utm_source,
        coalesce(
            collected_traffic_source_manual_medium, {{ json_param('event_params', 'medium') }}
        ) as utm_medium,
        coalesce(
            collected_traffic_source_manual_campaign_name, {{ json_param('event_params', 'campaign') }}
        ) as utm_campaign,
        coalesce(
            {{ json_param('event_params', 'page_title') }},
            {{ json_param('event_params', 'firebase_screen') }}
        ) as title,
        {{ json_param('event_params', 'search_term') }} as search_term,
        {{ json_get('items', [0, 'item_id']) }} as product_id,
        {{ json_get('items', [0, 'item_name']) }} as product_name,
        {{ try_cast_money('price_written') }} as price,
        {{ try_cast_integer('quantity_written') }} as quantity,
        coalesce(
            {{ json_param('event_params', 'transaction_id') }}, ecommerce_transaction_id
        ) as order_id,
        {{ try_cast_money('value_written') }} as value,
        {{ json_param('event_params', 'currency') }} as currency,
        collected_traffic_source_gclid as gclid,
        privacy_info_analytics_storage as analytics_storage,
        privacy_info_ads_storage as ads_storage
    from raw_events

)

select * from final
