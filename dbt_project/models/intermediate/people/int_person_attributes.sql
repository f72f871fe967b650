with

attribute_values as (

    select * from {{ ref('int_person_attribute_values') }}
    where preference = 1 and invalid_reason is null

),

people as (

    select * from {{ ref('int_people') }}

),

chosen as (

    select
        person_id,
        max(case when attribute = 'given_name' then attribute_value end) as given_name,
        max(case when attribute = 'family_name' then attribute_value end) as family_name,
        max(case when attribute = 'birth_date' then attribute_value end) as birth_date,
        max(case when attribute = 'address_record' then attribute_value end) as address_record
    from attribute_values
    group by person_id

),

final as (

    select
        chosen.person_id,
        chosen.given_name,
        chosen.family_name,
        cast(chosen.birth_date as date) as birth_date,
        people.street,
        people.city,
        people.postcode,
        people.region,
        people.country
    from chosen
    left join people
        on chosen.address_record = {{ record_key('people') }}

)

select * from final
