with

records as (

    select * from {{ ref('person_records') }}

),

attributes as (

    select * from {{ ref('int_person_attributes') }}

),

contact_points as (

    select * from {{ ref('int_person_contact_points') }}
    where preference = 1

),

known as (

    select * from {{ ref('int_person_known') }}

),

totals as (

    select * from {{ ref('person_totals') }}

),

sessions as (

    select * from {{ ref('sessions') }}

),

consents as (

    select * from {{ ref('consents') }}
    where purpose = 'marketing' and channel = 'email' and contact_point_type = 'email'

),

persons as (

    select
        person_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        cast(count(*) as {{ type_of('integer') }}) as records_count
    from records
    group by person_id

),

emails as (

    select * from contact_points
    where contact_point_type = 'email'

),

phones as (

    select * from contact_points
    where contact_point_type = 'phone'

),

sessions_ranked as (

    select
        *,
        row_number() over (
            partition by person_id
            order by started_at, {{ bytewise('session_id') }}
        ) as place
    from sessions

),

first_touches as (

    select * from sessions_ranked
    where place = 1

),

joined as (

    select
        persons.person_id,
        emails.contact_value as email,
        phones.contact_value as phone,
        attributes.given_name,
        attributes.family_name,
        attributes.birth_date,
        attributes.street,
        attributes.city,
        attributes.postcode,
        attributes.region,
        attributes.country,
        case
            when totals.orders_count > 0 then 'customer'
            when known.person_id is not null then 'lead'
            else 'anonymous'
        end as lifecycle_stage,
        known.known_at as became_lead_at,
        totals.first_order_at as became_customer_at,
        persons.first_seen_at,
        persons.last_seen_at,
        persons.records_count,
        totals.orders_count,
        totals.first_order_at,
        totals.last_order_at,
        totals.gross_revenue,
        totals.refunds_total,
        totals.net_revenue,
        totals.average_order_value,
        totals.unconverted_orders_count,
        totals.gifts_count,
        totals.gifts_total,
        totals.first_gift_at,
        totals.last_gift_at,
        totals.sessions_count,
        totals.tickets_count,
        totals.open_tickets_count,
        first_touches.utm_source as first_utm_source,
        first_touches.utm_medium as first_utm_medium,
        first_touches.utm_campaign as first_utm_campaign,
        first_touches.referrer as first_referrer,
        first_touches.landing_page as first_landing_page,
        -- No decision on the address in use is no consent.
        coalesce(consents.state = 'granted', false) as marketing_email_consent
    from persons
    inner join totals on persons.person_id = totals.person_id
    left join attributes on persons.person_id = attributes.person_id
    left join emails on persons.person_id = emails.person_id
    left join phones on persons.person_id = phones.person_id
    left join known on persons.person_id = known.person_id
    left join first_touches on persons.person_id = first_touches.person_id
    left join consents
        on persons.person_id = consents.person_id and emails.contact_point = consents.contact_point

),

final as (

    select
        joined.*,
        cast('{{ var("base_currency") }}' as {{ type_of('text') }}) as currency
    from joined

)

select * from final
