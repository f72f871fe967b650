{{ config(enabled=source_enabled('hubspot')) }}

{#- Off unless asked for: what a shop sells reaches HubSpot as deals too, and would count twice. -#}
{% set wanted = source_setting('hubspot', 'won_deals_are_orders', false) | as_bool %}

with

deals as (

    select * from {{ ref('stg_hubspot__deals') }}
    where state = 'won' and {{ 'true' if wanted else 'false' }}

),

buyers as (

    select * from {{ ref('stg_hubspot__deal_contacts') }}
    where place = 1

),

-- Won is not paid: HubSpot does not say when the money came.
final as (

    select
        'hubspot' as source,
        deals.deal_id as order_id,
        case when buyers.contact_id is not null then 'contact' else 'deal' end as record_type,
        coalesce(buyers.contact_id, deals.deal_id) as record_id,
        deals.ended_at as ordered_at,
        {{ typed_null('timestamp') }} as cancelled_at,
        {{ typed_null('text') }} as financial_status,
        'sales' as channel,
        deals.currency,
        cast(coalesce(deals.amount, 0) as {{ type_of('money') }}) as gross_amount,
        cast(0 as {{ type_of('money') }}) as refund_amount,
        cast(0 as {{ type_of('money') }}) as donation_amount,
        {{ typed_null('text') }} as cart_token,
        {{ typed_null('text') }} as checkout_token,
        deals.loaded_at
    from deals
    left join buyers on deals.deal_id = buyers.deal_id

)

select * from final
