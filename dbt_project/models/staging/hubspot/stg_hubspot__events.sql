{{ config(enabled=source_enabled('hubspot')) }}

with

leads as (

    select * from {{ ref('stg_hubspot__leads') }}

),

engagements as (

    select * from {{ ref('stg_hubspot__email_engagements') }}

),

deals as (

    select
        deals.*,
        contacts.contact_id
    from {{ ref('stg_hubspot__deals') }} as deals
    inner join {{ ref('stg_hubspot__deal_contacts') }} as contacts on deals.deal_id = contacts.deal_id

),

sales as (

    select * from {{ ref('stg_hubspot__orders') }}

),

submitted as (

    select
        source,
        'form_submitted|' || lead_id as event_id,
        'Form Submitted' as event_type,
        submitted_at as occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        page_url as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({'form_name': 'form_name'}) }} as properties
    from leads

),

-- What became of a deal happened to each of its contacts; what was bought, to the one whose order it is.
sold as (
    {% for event_type, id_prefix, moment, condition in [
        ('Deal Created', 'deal_created', 'created_at', 'true'),
        ('Deal Won', 'deal_won', 'ended_at', "state = 'won'"),
        ('Deal Lost', 'deal_lost', 'ended_at', "state = 'lost'"),
    ] %}
    select
        {{ joined_key(["'" ~ id_prefix ~ "'", 'deal_id', 'contact_id']) }} as event_id,
        '{{ event_type }}' as event_type,
        {{ moment }} as occurred_at,
        loaded_at,
        'contact' as record_type,
        contact_id as record_id,
        {{ json_object({
            'deal_id': 'deal_id',
            'deal_name': 'deal_name',
            'stage': 'stage',
            'value': ['number', 'amount'],
            'currency': 'currency',
        }) }} as properties
    from deals
    where {{ condition }}
    union all
    {% endfor %}
    select
        'order_completed|' || order_id as event_id,
        'Order Completed' as event_type,
        ordered_at as occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ json_object({
            'order_id': 'order_id', 'total': ['number', 'gross_amount'], 'currency': 'currency',
        }) }} as properties
    from sales

),

final as (

    select * from submitted
    union all
    select
        'hubspot' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        properties
    from sold
    union all
    select
        {{ event_columns_of_engagements() }}
    from engagements

)

select * from final
