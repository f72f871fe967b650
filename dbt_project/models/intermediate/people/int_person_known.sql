with

links as (

    select * from {{ ref('int_identity_links') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

types as (

    select * from {{ ref('identifier_types') }}
    where makes_known

),

leads as (

    select * from {{ ref('int_leads') }}

),

gifts as (

    select * from {{ ref('int_gifts') }}

),

orders as (

    select * from {{ ref('int_orders') }}

),

moments as (

    select
        records.person_id,
        links.first_seen_at as known_at
    from links
    inner join types on links.identifier_type = types.identifier_type
    inner join records on links.record_key = records.record_key
    where links.status = 'active' or links.reason like 'shared:%'

    union all

    select
        records.person_id,
        leads.submitted_at as known_at
    from leads
    inner join records on {{ same_record('leads', 'records') }}

    union all

    select
        records.person_id,
        gifts.given_at as known_at
    from gifts
    inner join records on {{ same_record('gifts', 'records') }}

    union all

    select
        records.person_id,
        orders.ordered_at as known_at
    from orders
    inner join records on {{ same_record('orders', 'records') }}

),

final as (

    select
        person_id,
        min(known_at) as known_at
    from moments
    group by person_id

)

select * from final
