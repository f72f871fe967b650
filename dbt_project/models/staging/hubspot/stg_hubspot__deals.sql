{{ config(enabled=source_enabled('hubspot')) }}

with

merged as (

    select distinct merged_deal_id
    from {{ ref('base_hubspot__merged_deal') }}
    where row_status = 'staged' and not is_deleted

),

-- Of a deal that went into another the one that stayed tells all.
deals as (

    select deals.*
    from {{ ref('base_hubspot__deal') }} as deals
    left join merged on deals.deal_id = merged.merged_deal_id
    where
        deals.row_status = 'staged'
        and not deals.is_deleted
        and not coalesce(deals.is_in_bin, false)
        and merged.merged_deal_id is null

),

stages as (

    select * from {{ ref('base_hubspot__deal_pipeline_stage') }}
    where row_status = 'staged'

),

-- What HubSpot reckons, else what the stage says, else the ids of the stages that every portal begins with.
judged as (

    select
        deals.*,
        stages.stage_name,
        coalesce(
            deals.property_hs_is_closed_won,
            stages.closed_won,
            stages.probability >= 1,
            lower(deals.deal_pipeline_stage_id) = 'closedwon',
            false
        ) as is_closed_won,
        coalesce(
            deals.property_hs_is_closed,
            stages.probability <= 0 or stages.probability >= 1 or stages.closed_won,
            lower(deals.deal_pipeline_stage_id) = 'closedlost',
            false
        ) as is_closed,
        coalesce(deals.property_closedate, deals.property_hs_lastmodifieddate, deals.loaded_at) as ended_at
    from deals
    left join stages on deals.deal_pipeline_stage_id = stages.stage_id

),

-- What is dated after now has not ended yet, until the clock has passed it.
final as (

    select
        record_id as deal_id,
        case
            when coalesce(ended_at <= {{ latest_past() }}, true) and is_closed_won then 'won'
            when coalesce(ended_at <= {{ latest_past() }}, true) and is_closed then 'lost'
            else 'open'
        end as state,
        coalesce(property_createdate, loaded_at) as created_at,
        ended_at,
        property_dealname as deal_name,
        coalesce(stage_name, deal_pipeline_stage_id) as stage,
        property_amount as amount,
        upper(coalesce(
            property_deal_currency_code,
            '{{ source_setting("hubspot", "currency") or var("base_currency") }}'
        )) as currency,
        loaded_at
    from judged

)

select * from final
