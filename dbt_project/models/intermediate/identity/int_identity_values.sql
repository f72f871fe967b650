with

evidence as (

    select * from {{ ref('int_identity_evidence') }}

),

records as (

    select * from {{ ref('int_identity_records') }}

),

blocked as (

    select * from {{ ref('blocked_identifiers') }}

),

bearers as (

    select * from {{ ref('int_identity_bearers') }}

),

users_of_records as (

    select distinct
        record_key,
        identifier_value as user_id
    from evidence
    where identifier_type = 'user_id'

),

users_of_visitors as (

    -- Who logged in under an anonymous id: the user ids of the records that carry it too.
    select distinct
        evidence.value_key,
        users_of_records.user_id
    from evidence
    inner join users_of_records on evidence.record_key = users_of_records.record_key
    where evidence.shows_logins

),

users_mentioned as (

    -- A device stands beside anonymous ids, never beside user ids: it reaches those through the former.
    select
        record_key,
        user_id
    from users_of_records

    union all

    select
        evidence.record_key,
        users_of_visitors.user_id
    from evidence
    inner join users_of_visitors on evidence.value_key = users_of_visitors.value_key

),

users_reached as (

    select distinct
        record_key,
        user_id
    from users_mentioned

),

user_counts as (

    select
        evidence.value_key,
        count(distinct users_reached.user_id) as user_ids_count
    from evidence
    inner join users_reached on evidence.record_key = users_reached.record_key
    group by evidence.value_key

),

counts as (

    select
        evidence.value_key,
        evidence.identifier_type,
        evidence.identifier_value,
        evidence.priority,
        evidence.max_given_names,
        evidence.max_user_ids,
        evidence.max_records,
        min(case when evidence.is_valid then 1 else 0 end) as is_valid,
        min({{ bytewise('evidence.invalid_reason') }}) as invalid_reason,
        count(distinct evidence.record_key) as records_count,
        count(distinct records.given_name_key) as given_names_count
    from evidence
    inner join records on evidence.record_key = records.record_key
    group by
        evidence.value_key,
        evidence.identifier_type,
        evidence.identifier_value,
        evidence.priority,
        evidence.max_given_names,
        evidence.max_user_ids,
        evidence.max_records

),

blocks as (

    select
        counts.value_key,
        min({{ bytewise('blocked.reason') }}) as block_reason
    from counts
    inner join blocked
        on
            counts.identifier_type = blocked.identifier_type
            and counts.identifier_value like blocked.pattern
    group by counts.value_key

),

judged as (

    select
        counts.value_key,
        counts.identifier_type,
        counts.identifier_value,
        counts.priority,
        counts.records_count,
        coalesce(bearers.given_names_count, counts.given_names_count) as given_names_count,
        coalesce(user_counts.user_ids_count, 0) as user_ids_count,
        case
            when counts.is_valid = 0 then 'invalid: ' || coalesce(counts.invalid_reason, 'malformed')
            when blocks.block_reason is not null then 'blocked: ' || blocks.block_reason
            when user_counts.user_ids_count > counts.max_user_ids then 'shared: several user ids'
            when coalesce(bearers.given_names_count, counts.given_names_count) > counts.max_given_names
                then 'shared: several given names'
            when bearers.is_of_several then 'shared: several people, not all named'
            when counts.records_count > counts.max_records then 'shared: many records'
        end as reason
    from counts
    left join user_counts on counts.value_key = user_counts.value_key
    left join blocks on counts.value_key = blocks.value_key
    left join bearers on counts.value_key = bearers.value_key

),

final as (

    select
        value_key,
        identifier_type,
        identifier_value,
        priority,
        records_count,
        given_names_count,
        user_ids_count,
        case when reason is null then 'active' else 'quarantined' end as status,
        reason
    from judged

)

select * from final
