with

profiles as (

    select * from {{ ref('profiles') }}

),

eligible as (

    select
        *,
        row_number() over (
            partition by lower(email)
            order by
                case lifecycle_stage when 'customer' then 0 else 1 end,
                case when last_seen_at is null then 1 else 0 end,
                last_seen_at desc,
                {{ bytewise('person_id') }}
        ) as place,
        count(*) over (partition by lower(email)) as people_with_email_count
    from profiles
    where lifecycle_stage in ('lead', 'customer') and email is not null

),

final as (

    select
        person_id,
        email,
        given_name,
        family_name,
        phone,
        city,
        country,
        lifecycle_stage,
        became_lead_at,
        became_customer_at,
        orders_count,
        first_order_at,
        last_order_at,
        net_revenue,
        average_order_value,
        gifts_count,
        gifts_total,
        last_gift_at,
        tickets_count,
        open_tickets_count,
        first_utm_source,
        first_utm_campaign,
        marketing_email_consent,
        currency,
        last_seen_at,
        cast(people_with_email_count as {{ type_of('integer') }}) as people_with_email_count
    from eligible
    where place = 1

)

select * from final
