-- A record may have several of a kind: the match key is that of the one that is written to.
{%- set key_of = {
    'email': 'links.identifier_value = ' ~ email_key('described.email'),
    'shared_email': 'links.identifier_value = ' ~ email_key('described.email'),
    'phone': split_part('links.identifier_value', ';', 1) ~ ' = described.phone',
} %}

with

people as (

    select * from {{ ref('int_people') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

links as (

    select * from {{ ref('int_identity_links') }}

),

priorities as (

    select * from {{ ref('attribute_priorities') }}

),

described as (

    select
        records.person_id,
        records.record_key,
        coalesce(priorities.priority, 1000) as priority,
        people.email,
        people.phone,
        people.first_seen_at,
        people.last_seen_at
    from people
    inner join records on {{ same_record('people', 'records') }}
    left join priorities
        on people.source = priorities.source and people.record_type = priorities.record_type

),

contact_points as (
    {% for kind, identifier_type in [('email', 'email'), ('email', 'shared_email'), ('phone', 'phone')] %}
    select
        described.person_id,
        described.record_key,
        described.priority,
        described.first_seen_at,
        described.last_seen_at,
        '{{ kind }}' as contact_point_type,
        described.{{ kind }} as contact_value,
        links.identifier_value as contact_point
    from described
    inner join links
        on
            described.record_key = links.record_key
            and links.identifier_type = '{{ identifier_type }}'
            and {{ key_of[identifier_type] }}
    where
        described.{{ kind }} is not null
        -- A phone that a family shares is still each one's phone, and an office's that of who works there. So is an
        -- e-mail of which the source says who shares it; one that many names share without is nobody's.
        and (
            links.status = 'active'
            or (
                '{{ identifier_type }}' <> 'email'
                and (links.reason like 'shared:%' or links.reason = 'invalid: an extension')
            )
        )
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        person_id,
        contact_point_type,
        contact_point,
        contact_value,
        first_seen_at,
        row_number() over (
            partition by person_id, contact_point_type
            order by
                priority,
                case when last_seen_at is null then 1 else 0 end,
                last_seen_at desc,
                {{ bytewise('record_key') }},
                {{ bytewise('contact_point') }}
        ) as preference
    from contact_points

)

select * from final
