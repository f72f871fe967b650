{{ config(enabled=source_enabled('shopify')) }}

with

checkouts as (

    select * from {{ ref('base_shopify__abandoned_checkout') }}
    where row_status = 'staged' and not is_deleted

),

final as (

    select
        'shopify' as source,
        'checkout|' || record_id as cart_id,
        'checkout' as record_type,
        record_id,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        completed_at,
        total_price as value,
        currency,
        {{ typed_null('integer') }} as items_count,
        abandoned_checkout_url as cart_url,
        checkout_token
    from checkouts

)

select * from final
