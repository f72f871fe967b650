{{ config(enabled=source_enabled('salesforce')) }}

{% set no_text = typed_null('text') %}

with

leads as (

    select * from {{ ref('base_salesforce__lead') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

records as (

    select * from {{ ref('stg_salesforce__records') }}

),

-- Of a lead that became a contact both ids are there: then it is the contact's.
members as (

    select
        members.*,
        campaigns.campaign_name,
        coalesce(members.contact_id, members.lead_id) as holder_id,
        case
            when members.contact_id is not null then 'salesforce_contact_id' else 'salesforce_lead_id'
        end as holder_id_type
    from {{ ref('base_salesforce__campaign_member') }} as members
    left join {{ ref('base_salesforce__campaign') }} as campaigns
        on members.campaign_id = campaigns.id and campaigns.row_status = 'staged'
    where
        members.row_status = 'staged'
        and not members.is_deleted
        and not coalesce(members.is_in_bin, false)
        and (members.has_responded or members.first_responded_date is not null)

),

recurring as (

    select * from {{ ref('base_salesforce__npe_03_recurring_donation_c') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

sales as (

    select * from {{ ref('stg_salesforce__orders') }}

),

happened as (
    {% for event_type, id_prefix, moment, condition in [
        ('Lead Created', 'lead_created', 'coalesce(created_date, loaded_at)', 'true'),
        ('Lead Converted', 'lead_converted', 'converted_date', 'is_converted and converted_date is not null'),
    ] %}
    select
        '{{ id_prefix }}|' || record_id as event_id,
        '{{ event_type }}' as event_type,
        {{ moment }} as occurred_at,
        loaded_at,
        'lead' as record_type,
        record_id,
        utm_source_c as utm_source,
        utm_medium_c as utm_medium,
        utm_campaign_c as utm_campaign,
        {{ json_object({'lead_source': 'lead_source', 'status': 'status', 'gclid': 'gclid_c'}) }} as properties
    from leads
    where {{ condition }}
    union all
    {% endfor %}
    select
        'campaign_responded|' || members.record_id as event_id,
        'Campaign Responded' as event_type,
        coalesce(
            cast(members.first_responded_date as {{ type_of('timestamp') }}),
            members.last_modified_date,
            members.created_date,
            members.loaded_at
        ) as occurred_at,
        members.loaded_at,
        coalesce(records.record_type, 'campaign_member') as record_type,
        members.holder_id as record_id,
        {{ no_text }} as utm_source,
        {{ no_text }} as utm_medium,
        {{ no_text }} as utm_campaign,
        {{ json_object({'campaign': 'members.campaign_name', 'status': 'members.status'}) }} as properties
    from members
    left join records
        on members.holder_id = records.record_id and members.holder_id_type = records.id_type
    union all
    select
        'recurring_gift_started|' || recurring.record_id as event_id,
        'Recurring Gift Started' as event_type,
        cast(recurring.npe_03_date_established_c as {{ type_of('timestamp') }}) as occurred_at,
        recurring.loaded_at,
        coalesce(records.record_type, 'contact') as record_type,
        recurring.npe_03_contact_c as record_id,
        {{ no_text }} as utm_source,
        {{ no_text }} as utm_medium,
        {{ no_text }} as utm_campaign,
        {{ json_object({
            'amount': ['number', 'recurring.npe_03_amount_c'],
            'period': 'recurring.npe_03_installment_period_c',
        }) }} as properties
    from recurring
    left join records
        on recurring.npe_03_contact_c = records.record_id and records.id_type = 'salesforce_contact_id'
    where recurring.npe_03_date_established_c is not null
    union all
    select
        'order_completed|' || order_id as event_id,
        'Order Completed' as event_type,
        ordered_at as occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ no_text }} as utm_source,
        {{ no_text }} as utm_medium,
        {{ no_text }} as utm_campaign,
        {{ json_object({
            'order_id': 'order_id', 'total': ['number', 'gross_amount'], 'currency': 'currency',
        }) }} as properties
    from sales

),

final as (

    select
        'salesforce' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ no_text }} as platform,
        {{ no_text }} as visitor_id,
        {{ no_text }} as url,
        {{ no_text }} as referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        properties
    from happened

)

select * from final
