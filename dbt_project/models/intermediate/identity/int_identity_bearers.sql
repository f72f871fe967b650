with

evidence as (

    select * from {{ ref('int_identity_evidence') }}

),

records as (

    select * from {{ ref('int_identity_records') }}

),

-- Values that people who live or work together have in common.
common as (

    select
        value_key,
        record_key,
        priority,
        max_bearers
    from evidence
    where max_bearers is not null

),

-- What tells one person from another.
telling as (

    select
        value_key,
        record_key,
        identifier_type,
        priority
    from evidence
    where is_valid and makes_known and max_bearers is null

),

names_of_values as (

    select
        telling.value_key,
        min({{ bytewise('records.given_name_key') }}) as given_name_key
    from telling
    inner join records on telling.record_key = records.record_key
    group by telling.value_key

),

-- A record without a name has that of its e-mail or customer id elsewhere.
names_by_value as (

    select
        telling.record_key,
        min({{ bytewise('names_of_values.given_name_key') }}) as given_name_key
    from telling
    inner join names_of_values on telling.value_key = names_of_values.value_key
    group by telling.record_key

),

-- Several e-mails of one record are one bearer's.
beside as (

    select
        common.value_key,
        common.max_bearers,
        telling.identifier_type,
        coalesce(records.given_name_key, names_by_value.given_name_key) as given_name_key,
        min({{ bytewise('telling.value_key') }}) as bearer_key
    from common
    inner join records on common.record_key = records.record_key
    left join telling
        on
            common.record_key = telling.record_key
            and common.priority > telling.priority
    left join names_by_value on common.record_key = names_by_value.record_key
    group by
        common.value_key,
        common.max_bearers,
        common.record_key,
        telling.identifier_type,
        coalesce(records.given_name_key, names_by_value.given_name_key)

),

bearers as (

    select
        value_key,
        max_bearers,
        identifier_type,
        bearer_key,
        min({{ bytewise('given_name_key') }}) as given_name_key
    from beside
    group by value_key, max_bearers, identifier_type, bearer_key

),

counts as (

    select
        value_key,
        max_bearers,
        identifier_type,
        count(bearer_key) as bearers_count,
        sum(case when bearer_key is not null and given_name_key is null then 1 else 0 end) as nameless_count
    from bearers
    group by value_key, max_bearers, identifier_type

),

names as (

    select
        value_key,
        count(distinct given_name_key) as given_names_count
    from beside
    group by value_key

),

final as (

    select
        counts.value_key,
        names.given_names_count,
        -- Under one name several e-mails are one person's; without a name nothing says so.
        max(
            case
                when counts.bearers_count > counts.max_bearers and counts.nameless_count > 0 then 1
                else 0
            end
        ) = 1 as is_of_several
    from counts
    inner join names on counts.value_key = names.value_key
    group by counts.value_key, names.given_names_count

)

select * from final
