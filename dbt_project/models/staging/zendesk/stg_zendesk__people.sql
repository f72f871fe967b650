{{ config(enabled=source_enabled('zendesk')) }}

with

users as (

    select * from {{ ref('base_zendesk__user') }}
    where row_status = 'staged' and not is_deleted and lower(role) = 'end-user'

),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email,
        {{ phone_e164('phone') }} as number,
        {{ valid_name('full_name') }} as name
    from users

),

final as (

    select
        'zendesk' as source,
        'user' as record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('phone', 'number') }} as phone,
        nullif({{ split_part('name', ' ', 1) }}, '') as given_name,
        nullif(substr(name, length({{ split_part('name', ' ', 1) }}) + 2), '') as family_name,
        {{ typed_null('date') }} as birth_date,
        {{ typed_null('text') }} as street,
        {{ typed_null('text') }} as city,
        {{ typed_null('text') }} as postcode,
        {{ typed_null('text') }} as region,
        {{ typed_null('text') }} as country,
        created_at as first_seen_at,
        coalesce(updated_at, created_at) as last_seen_at
    from bare

)

select * from final
