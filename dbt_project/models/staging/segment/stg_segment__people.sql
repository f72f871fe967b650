{{ config(enabled=source_enabled('segment')) }}

with

traits as (

    select
        *,
        {{ valid_email('email') }} as valid_email,
        {{ valid_phone('phone', 'number') }} as valid_phone
    from {{ ref('stg_segment__traits') }}

),

-- Each attribute is the last that was stated: a later call need not repeat the others.
final as (

    select
        'segment' as source,
        'user' as record_type,
        user_id as record_id,
        {{ latest_value('valid_email', 'stated_at', 'statement_id') }} as email,
        {{ latest_value('valid_phone', 'stated_at', 'statement_id') }} as phone,
        {{ latest_value('given_name', 'stated_at', 'statement_id') }} as given_name,
        {{ latest_value('family_name', 'stated_at', 'statement_id') }} as family_name,
        {{ latest_value('birth_date', 'stated_at', 'statement_id') }} as birth_date,
        {{ latest_value('street', 'stated_at', 'statement_id') }} as street,
        {{ latest_value('city', 'stated_at', 'statement_id') }} as city,
        {{ latest_value('postcode', 'stated_at', 'statement_id') }} as postcode,
        {{ latest_value('region', 'stated_at', 'statement_id') }} as region,
        {{ latest_value('country', 'stated_at', 'statement_id') }} as country,
        min(stated_at) as first_seen_at,
        max(stated_at) as last_seen_at
    from traits
    group by user_id

)

select * from final
