{{ config(enabled=source_enabled('mailchimp')) }}

with

engagements as (

    select * from {{ ref('stg_mailchimp__email_engagements') }}

),

final as (

    select
        {{ event_columns_of_engagements() }}
    from engagements

)

select * from final
