{{ config(enabled=source_enabled('segment')) }}

with

seen_together as (

    select
        anonymous_id,
        user_id,
        device_id,
        min(occurred_at) as seen_first_at,
        max(occurred_at) as seen_last_at
    from {{ ref('stg_segment__calls') }}
    group by anonymous_id, user_id, device_id

),

aliases as (

    select * from {{ ref('base_segment__aliases') }}
    where row_status = 'staged' and not is_deleted

),

-- A pair of a device and a user is a log-in; an alias call says the same of any two ids.
logins as (

    select
        anonymous_id,
        user_id,
        seen_first_at,
        seen_last_at
    from seen_together
    where anonymous_id is not null and user_id is not null
    union all
    select
        previous_id as anonymous_id,
        user_id,
        occurred_at as seen_first_at,
        occurred_at as seen_last_at
    from aliases

),

traits as (

    select * from {{ ref('stg_segment__traits') }}

),

mentions as (

    select
        'anonymous' as record_type,
        anonymous_id as record_id,
        'anonymous_id' as identifier_type,
        anonymous_id as written,
        seen_first_at,
        seen_last_at
    from seen_together
    union all
    select
        'anonymous' as record_type,
        anonymous_id as record_id,
        'device_id' as identifier_type,
        device_id as written,
        seen_first_at,
        seen_last_at
    from seen_together
    union all
    select
        'user' as record_type,
        user_id as record_id,
        'user_id' as identifier_type,
        user_id as written,
        seen_first_at,
        seen_last_at
    from seen_together
    union all
    select
        'user' as record_type,
        user_id as record_id,
        'user_id' as identifier_type,
        user_id as written,
        stated_at as seen_first_at,
        stated_at as seen_last_at
    from traits
    union all
    select
        'user' as record_type,
        user_id as record_id,
        'email' as identifier_type,
        email as written,
        stated_at as seen_first_at,
        stated_at as seen_last_at
    from traits
    union all
    select
        'user' as record_type,
        user_id as record_id,
        'phone' as identifier_type,
        phone as written,
        stated_at as seen_first_at,
        stated_at as seen_last_at
    from traits
    union all
    select
        'login' as record_type,
        {{ joined_key(['anonymous_id', 'user_id']) }} as record_id,
        'anonymous_id' as identifier_type,
        anonymous_id as written,
        seen_first_at,
        seen_last_at
    from logins
    union all
    select
        'login' as record_type,
        {{ joined_key(['anonymous_id', 'user_id']) }} as record_id,
        'user_id' as identifier_type,
        user_id as written,
        seen_first_at,
        seen_last_at
    from logins

),

{{ identifiers_from('mentions', 'segment') }}

select * from final
