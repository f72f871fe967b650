{{ config(enabled=source_enabled('salesforce')) }}

with

records as (

    select * from {{ ref('stg_salesforce__records') }}

),

written as (
    {% for column, preference in [
        ('email', none),
        ('home_email', ['personal', 'home']),
        ('work_email', ['work']),
        ('alternate_email', ['alternate']),
        ('secondary_email', none),
    ] %}
    select
        record_type,
        record_id,
        account_id,
        {{ name_key('first_name') }} as given_name_key,
        first_seen_at,
        last_seen_at,
        {{ column }} as email,
        {% if preference %}
        case when preferred_email in ({{ text_list(preference) }}) then 0 else {{ loop.index }} end as place
        {% else %}
        {{ loop.index }} as place
        {% endif %}
    from records
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

bare as (

    select
        *,
        {{ email_bare('email') }} as bare_email
    from written

),

keyed as (

    select
        *,
        {{ email_key('bare_email') }} as email_key,
        {{ email_invalid_reason('bare_email') }} as invalid_reason
    from bare

),

-- People of one household or company who differ in name are several, though they share an address.
shared as (

    select email_key
    from (
        select
            email_key,
            count(distinct given_name_key) as names_count
        from keyed
        where record_type = 'contact' and account_id is not null and invalid_reason is null
        group by account_id, email_key
    ) as accounts
    group by email_key
    having max(names_count) > 1

),

final as (

    select
        keyed.record_type,
        keyed.record_id,
        keyed.email,
        keyed.bare_email,
        keyed.email_key,
        keyed.invalid_reason,
        shared.email_key is not null as is_shared,
        row_number() over (
            partition by keyed.record_type, keyed.record_id
            order by
                case when keyed.invalid_reason is null then 0 else 1 end,
                keyed.place,
                {{ bytewise('keyed.email') }}
        ) as preference,
        keyed.first_seen_at,
        keyed.last_seen_at
    from keyed
    left join shared on keyed.email_key = shared.email_key

)

select * from final
