with

records as (

    select * from {{ ref('int_person_records') }}

),

links as (

    select * from {{ ref('int_identity_links') }}
    where identifier_type in ('email', 'shared_email', 'phone')

),

decisions as (

    select
        source,
        record_type,
        record_id,
        purpose,
        channel,
        contact_point_type,
        contact_point,
        state,
        -- A consent that is dated after now has no time, until the clock has passed it.
        case when state = 'denied' or decided_at <= {{ now_utc() }} then decided_at end as decided_at,
        policy_version
    from {{ ref('int_consents') }}
    where state in ('granted', 'denied')

),

own as (

    select
        records.person_id,
        decisions.*
    from decisions
    inner join records on {{ same_record('decisions', 'records') }}

),

-- Whose an address is, whatever identity makes of it: a shared one links nobody, and is written to all the same.
bearers as (

    select
        records.person_id,
        case when links.identifier_type = 'phone' then 'phone' else 'email' end as contact_point_type,
        links.identifier_value as contact_point
    from links
    inner join records on links.record_key = records.record_key

    union all

    select
        person_id,
        contact_point_type,
        contact_point
    from own
    where contact_point is not null

),

held as (

    select distinct
        person_id,
        contact_point_type,
        contact_point
    from bearers

),

reached as (

    select
        person_id,
        purpose,
        channel,
        contact_point_type,
        contact_point,
        state,
        decided_at,
        source,
        record_id,
        policy_version
    from own

    union all

    -- An address that is denied is denied to all who have it, also where the record of the denial is nobody's.
    select
        held.person_id,
        decisions.purpose,
        decisions.channel,
        decisions.contact_point_type,
        decisions.contact_point,
        decisions.state,
        decisions.decided_at,
        decisions.source,
        decisions.record_id,
        decisions.policy_version
    from decisions
    inner join held
        on
            decisions.contact_point_type = held.contact_point_type
            and decisions.contact_point = held.contact_point
    where decisions.state = 'denied'

    union all

    -- A denial without an address is about every address of the person.
    select
        own.person_id,
        own.purpose,
        own.channel,
        own.contact_point_type,
        held.contact_point,
        own.state,
        own.decided_at,
        own.source,
        own.record_id,
        own.policy_version
    from own
    inner join held
        on
            own.person_id = held.person_id
            and own.contact_point_type = held.contact_point_type
    where own.state = 'denied' and own.contact_point is null

),

ranked as (

    select
        *,
        count(contact_point) over (
            partition by person_id, purpose, channel, contact_point_type
        ) as addresses_count,
        -- The latest decision holds; of two at the same time, the denial. A denial without a time may be the latest,
        -- a consent without one is the first.
        row_number() over (
            partition by person_id, purpose, channel, contact_point_type, contact_point
            order by
                case
                    when decided_at is not null then 1
                    when state = 'denied' then 0
                    else 2
                end,
                decided_at desc,
                case when state = 'denied' then 0 else 1 end,
                {{ bytewise('source') }},
                {{ bytewise("coalesce(record_id, '')") }},
                {{ bytewise("coalesce(policy_version, '')") }}
        ) as place
    from reached

),

final as (

    select
        person_id,
        purpose,
        channel,
        contact_point_type,
        contact_point,
        state,
        decided_at,
        source,
        policy_version
    from ranked
    where
        place = 1
        -- Said of each of the person's addresses above, of which a later consent may open one.
        and (contact_point is not null or state = 'granted' or addresses_count = 0)

)

select * from final
