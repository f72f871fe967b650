with

traits as (

    select * from {{ ref('int_traits') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

holders as (

    select * from {{ ref('person_identifiers') }}
    where status = 'active'

),

-- A statement is about its record's person, or about the one person who holds its identifier.
attached as (

    select
        records.person_id,
        traits.trait,
        traits.trait_value,
        traits.source,
        traits.observed_at,
        traits.loaded_at
    from traits
    inner join records on {{ same_record('traits', 'records') }}

    union all

    select
        holders.person_id,
        traits.trait,
        traits.trait_value,
        traits.source,
        traits.observed_at,
        traits.loaded_at
    from traits
    inner join holders
        on
            traits.identifier_type = holders.identifier_type
            and traits.identifier_value = holders.identifier_value

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id, trait
            order by
                case when observed_at is null then 1 else 0 end,
                observed_at desc,
                case when loaded_at is null then 1 else 0 end,
                loaded_at desc,
                {{ bytewise('source') }},
                {{ bytewise('trait_value') }}
        ) as place
    from attached

),

final as (

    select
        person_id,
        trait,
        trait_value,
        source,
        observed_at
    from ranked
    where place = 1

)

select * from final
