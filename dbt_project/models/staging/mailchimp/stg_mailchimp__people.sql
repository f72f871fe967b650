{{ config(enabled=source_enabled('mailchimp')) }}

with

-- A member of several lists is one address: of its rows the last changed counts.
members as (

    select
        *,
        row_number() over (
            partition by id
            order by
                case when last_changed is null then 1 else 0 end,
                last_changed desc,
                {{ bytewise('list_id') }}
        ) as recency,
        min(coalesce(timestamp_signup, timestamp_opt)) over (partition by id) as seen_first_at,
        {{ email_bare('email_address') }} as bare_email,
        {{ phone_e164('merge_phone') }} as number
    from {{ ref('base_mailchimp__member') }}
    where row_status = 'staged' and not is_deleted

),

final as (

    select
        'mailchimp' as source,
        'member' as record_type,
        id as record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('merge_phone', 'number') }} as phone,
        {{ name_clean('merge_fname') }} as given_name,
        {{ name_clean('merge_lname') }} as family_name,
        {{ typed_null('date') }} as birth_date,
        {{ typed_null('text') }} as street,
        {{ typed_null('text') }} as city,
        {{ typed_null('text') }} as postcode,
        {{ typed_null('text') }} as region,
        {{ typed_null('text') }} as country,
        seen_first_at as first_seen_at,
        coalesce(last_changed, seen_first_at) as last_seen_at
    from members
    where recency = 1

)

select * from final
