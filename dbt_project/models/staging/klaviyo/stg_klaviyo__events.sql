{{ config(enabled=source_enabled('klaviyo')) }}

with

engagements as (

    select * from {{ ref('stg_klaviyo__email_engagements') }}

),

final as (

    select
        {{ event_columns_of_engagements() }}
    from engagements

)

select * from final
