with

int_leads as (

    select * from {{ ref('int_leads') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select
        int_leads.source,
        int_leads.lead_id,
        records.person_id,
        int_leads.record_type,
        int_leads.record_id,
        int_leads.form_name,
        int_leads.page_url,
        int_leads.submitted_at
    from int_leads
    left join records on {{ same_record('int_leads', 'records') }}

)

select * from final
