{{ config(enabled=source_enabled('hubspot')) }}

with

ties as (

    select distinct
        deal_id,
        contact_id
    from {{ ref('base_hubspot__deal_contact') }}
    where row_status = 'staged' and not is_deleted

),

contacts as (

    select * from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted

),

-- HubSpot does not say which of a deal's contacts is the buyer: the first by id is, always the same one.
final as (

    select
        ties.deal_id,
        ties.contact_id,
        row_number() over (
            partition by ties.deal_id
            order by {{ bytewise('ties.contact_id') }}
        ) as place
    from ties
    inner join contacts on ties.contact_id = contacts.record_id

)

select * from final
