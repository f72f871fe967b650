with

people as (

    select * from {{ ref('int_people') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

priorities as (

    select * from {{ ref('attribute_priorities') }}

),

described as (

    select
        records.person_id,
        records.record_key,
        coalesce(priorities.priority, 1000) as priority,
        people.last_seen_at,
        people.given_name,
        {{ name_invalid_reason('people.given_name') }} as given_name_reason,
        people.family_name,
        {{ name_invalid_reason('people.family_name') }} as family_name_reason,
        cast(people.birth_date as {{ type_of('text') }}) as birth_date,
        {{ birth_date_invalid_reason('people.birth_date') }} as birth_date_reason,
        -- An address comes whole from one record: its record's key stands for it.
        case
            when coalesce(people.street, people.city, people.postcode) is not null then records.record_key
        end as address_record,
        case
            when lower(people.street) in ({{ text_list(var('null_words')) }}) then 'a word for nothing'
        end as address_record_reason
    from people
    inner join records on {{ same_record('people', 'records') }}
    left join priorities
        on people.source = priorities.source and people.record_type = priorities.record_type

),

attribute_values as (
    {% for attribute in ['given_name', 'family_name', 'birth_date', 'address_record'] %}
    select
        person_id,
        record_key,
        priority,
        last_seen_at,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        {{ attribute }}_reason as invalid_reason
    from described
    where {{ attribute }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        person_id,
        attribute,
        attribute_value,
        record_key,
        invalid_reason,
        row_number() over (
            partition by person_id, attribute
            order by
                case when invalid_reason is null then 0 else 1 end,
                priority,
                case when last_seen_at is null then 1 else 0 end,
                last_seen_at desc,
                {{ bytewise('record_key') }}
        ) as preference
    from attribute_values

)

select * from final
