{{ config(enabled=source_enabled('hubspot')) }}

with

submissions as (

    select * from {{ ref('base_hubspot__contact_form_submission') }}
    where row_status = 'staged' and not is_deleted

),

forms as (

    select * from {{ ref('base_hubspot__form') }}
    where row_status = 'staged'

),

final as (

    select
        'hubspot' as source,
        submissions.record_id as lead_id,
        'contact' as record_type,
        submissions.contact_id as record_id,
        coalesce(forms.form_name, submissions.page_title) as form_name,
        submissions.page_url,
        submissions.submitted_at,
        submissions.loaded_at
    from submissions
    left join forms on submissions.form_id = forms.guid

)

select * from final
