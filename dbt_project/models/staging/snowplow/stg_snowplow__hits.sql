{{ config(enabled=source_enabled('snowplow')) }}

with

raw_events as (

    select
        *,
        {{ context_value('client_session', 'userId') }} as session_user_id,
        {{ context_value('mobile_context', 'appleIdfv') }} as apple_id,
        {{ context_value('mobile_context', 'androidIdfa') }} as android_id,
        {{ context_value('product', 'price') }} as price_written,
        {{ context_value('product', 'quantity') }} as quantity_written,
        {{ context_value('cart', 'total_value') }} as cart_value_written,
        {{ context_value('transaction_context', 'revenue') }} as revenue_written,
        {{ context_value('robot', 'spiderOrRobot') }} as robot_written
    from {{ ref('base_snowplow__events') }}
    where row_status = 'staged' and not is_deleted

),

-- What robots do is nobody's; a transaction's items say no more than the transaction.
final as (

    select
        record_id as event_id,
        event,
        event_name,
        coalesce(domain_userid, session_user_id) as anonymous_id,
        user_id,
        coalesce(apple_id, android_id) as device_id,
        network_userid,
        coalesce(derived_tstamp, collector_tstamp) as occurred_at,
        loaded_at,
        case
            when lower(platform) = 'web' then 'web'
            when lower(platform) in ('mob', 'app') then 'app'
        end as platform,
        page_url as url,
        page_referrer as referrer,
        mkt_source as utm_source,
        mkt_medium as utm_medium,
        mkt_campaign as utm_campaign,
        coalesce(page_title, {{ context_value('screen_view', 'name') }}) as title,
        se_category,
        se_action,
        se_label,
        se_property,
        se_value,
        {{ context_value('ecommerce_action', 'type') }} as shop_action,
        {{ context_value('product', 'id') }} as product_id,
        {{ context_value('product', 'name') }} as product_name,
        {{ try_cast_money('price_written') }} as price,
        {{ try_cast_integer('quantity_written') }} as quantity,
        {{ context_value('cart', 'cart_id') }} as cart_id,
        {{ try_cast_money('cart_value_written') }} as cart_value,
        coalesce(tr_orderid, {{ context_value('transaction_context', 'transaction_id') }}) as order_id,
        coalesce(tr_total, {{ try_cast_money('revenue_written') }}) as total,
        coalesce(
            tr_currency,
            {{ context_value('transaction_context', 'currency') }},
            {{ context_value('cart', 'currency') }},
            {{ context_value('product', 'currency') }}
        ) as currency,
        lower({{ context_value('consent_preferences', 'event_type') }}) as consent_choice,
        {{ context_value('consent_preferences', 'consent_scopes') }} as consent_scopes,
        {{ context_value('consent_preferences', 'consent_version') }} as consent_version
    from raw_events
    where
        lower(coalesce(robot_written, 'false')) <> 'true'
        and coalesce(lower(event), '') <> 'transaction_item'

)

select * from final
