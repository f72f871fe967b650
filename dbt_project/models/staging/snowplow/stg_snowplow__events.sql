{{ config(enabled=source_enabled('snowplow')) }}

with

hits as (

    select
        *,
        coalesce(
            shop_action,
            case when lower(event) = 'struct' then se_action else coalesce(event_name, event) end,
            'Unnamed Event'
        ) as name_written
    from {{ ref('stg_snowplow__hits') }}

),

final as (

    select
        'snowplow' as source,
        event_id,
        case name_written
            when 'page_ping' then 'Page Pinged'
            when 'consent_preferences' then 'Consent Preference Updated'
            when 'cmp_visible' then 'Consent Banner Viewed'
            else {{ event_type_of('name_written') }}
        end as event_type,
        occurred_at,
        loaded_at,
        case
            when user_id is not null then 'user'
            when anonymous_id is not null then 'anonymous'
        end as record_type,
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
            'category': 'se_category',
            'label': 'se_label',
            'property': 'se_property',
            'product_id': 'product_id',
            'name': 'product_name',
            'price': ['number', 'price'],
            'quantity': ['number', 'quantity'],
            'cart_id': 'cart_id',
            'order_id': 'order_id',
            'total': ['number', 'total'],
            'currency': 'currency',
            'value': ['number', 'coalesce(cart_value, se_value)'],
            'choice': 'consent_choice',
        }) }} as properties
    from hits

)

select * from final
