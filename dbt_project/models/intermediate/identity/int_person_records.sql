with

registered as (

    select * from {{ ref('person_id_registry') }}

),

records as (

    select * from {{ ref('int_identity_records') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

ranked as (

    select
        subject_key,
        person_id,
        row_number() over (partition by subject_key order by build desc) as recency
    from registered
    where subject_type = 'record'

),

-- The strongest identifier that a record shares with another one.
shared as (

    select
        record_key,
        rule,
        row_number() over (
            partition by record_key
            order by priority, {{ bytewise('value_key') }}
        ) as strength_rank
    from links
    where status = 'active' and records_count > 1

),

final as (

    select
        records.record_key,
        records.source,
        records.record_type,
        records.record_id,
        ranked.person_id,
        coalesce(shared.rule, 'nothing') as matched_by,
        records.first_seen_at,
        records.last_seen_at
    from records
    inner join ranked
        on 'record|' || records.record_key = ranked.subject_key and ranked.recency = 1
    left join shared
        on records.record_key = shared.record_key and shared.strength_rank = 1

)

select * from final
