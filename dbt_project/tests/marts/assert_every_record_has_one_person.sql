-- What staging says of a person, or of an identifier, is some person's: no record is lost on the way.
with

records as (

    select * from {{ ref('int_identity_records') }}

),

person_records as (

    select * from {{ ref('person_records') }}

),

final as (

    select records.record_key
    from records
    left join person_records on {{ same_record('records', 'person_records') }}
    where person_records.person_id is null

)

select * from final
