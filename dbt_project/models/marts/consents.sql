with

decisions as (

    select * from {{ ref('int_consents') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

ranked as (

    select
        records.person_id,
        decisions.purpose,
        decisions.channel,
        decisions.contact_point_type,
        decisions.contact_point,
        decisions.state,
        decisions.decided_at,
        decisions.source,
        decisions.policy_version,
        -- The latest decision wins; of two at the same time, the denial.
        row_number() over (
            partition by
                records.person_id,
                decisions.purpose,
                decisions.channel,
                decisions.contact_point_type,
                decisions.contact_point
            order by
                case when decisions.decided_at is null then 1 else 0 end,
                decisions.decided_at desc,
                case when decisions.state = 'denied' then 0 else 1 end,
                {{ bytewise('decisions.source') }},
                {{ bytewise('records.record_key') }},
                {{ bytewise("coalesce(decisions.policy_version, '')") }}
        ) as recency
    from decisions
    inner join records on {{ same_record('decisions', 'records') }}
    where decisions.state in ('granted', 'denied')

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
    where recency = 1

)

select * from final
