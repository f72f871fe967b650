{{ config(enabled=source_enabled('salesforce')) }}

with

leads as (

    select * from {{ ref('base_salesforce__lead') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

campaigns as (

    select * from {{ ref('base_salesforce__campaign') }}
    where row_status = 'staged'

),

memberships as (

    select
        members.lead_id,
        campaigns.campaign_name,
        row_number() over (
            partition by members.lead_id
            order by
                case when members.created_date is null then 1 else 0 end,
                members.created_date,
                {{ bytewise('members.record_id') }}
        ) as place
    from {{ ref('base_salesforce__campaign_member') }} as members
    inner join campaigns on members.campaign_id = campaigns.id
    where
        members.row_status = 'staged'
        and not members.is_deleted
        and not coalesce(members.is_in_bin, false)
        and members.lead_id is not null

),

final as (

    select
        'salesforce' as source,
        leads.record_id as lead_id,
        'lead' as record_type,
        leads.record_id,
        coalesce(memberships.campaign_name, leads.lead_source) as form_name,
        {{ typed_null('text') }} as page_url,
        coalesce(leads.created_date, leads.loaded_at) as submitted_at
    from leads
    left join memberships on leads.record_id = memberships.lead_id and memberships.place = 1

)

select * from final
