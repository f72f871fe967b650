with

int_email_engagements as (

    select * from {{ ref('int_email_engagements') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

final as (

    select
        int_email_engagements.source,
        int_email_engagements.engagement_id,
        records.person_id,
        int_email_engagements.record_type,
        int_email_engagements.record_id,
        int_email_engagements.occurred_at,
        int_email_engagements.engagement_type,
        int_email_engagements.campaign_id,
        int_email_engagements.campaign_name,
        int_email_engagements.url,
        int_email_engagements.bounce_type
    from int_email_engagements
    left join records on {{ same_record('int_email_engagements', 'records') }}

)

select * from final
