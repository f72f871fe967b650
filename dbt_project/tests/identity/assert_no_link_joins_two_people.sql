-- The proof that the contraction ended: the two ends of every active link are in one component.
with

links as (

    select * from {{ ref('int_identity_links') }}
    where status = 'active'

),

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select links.value_key
    from links
    inner join records on links.record_key = records.record_key
    group by links.value_key
    having count(distinct records.person_id) > 1

)

select * from final
