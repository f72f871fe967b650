{#- From what records mention to their identifiers. -#}


{#- The steps from what records mention (record_type, record_id, identifier_type, written, seen_first_at,
    seen_last_at) to a source's identifiers, as CTEs of which the last is `final`: the match key, whether the
    value is valid and why not, one row per record, type and key. -#}
{% macro identifiers_from(mentions, source_name) -%}
bare as (

    select
        *,
        case when identifier_type = 'email' then {{ kith.email_bare('written') }} end as email,
        case when identifier_type = 'phone' then {{ kith.phone_e164('written') }} end as phone
    from {{ mentions }}
    where written is not null and record_id is not null

),

keyed as (

    select
        record_type,
        record_id,
        identifier_type,
        seen_first_at,
        seen_last_at,
        case
            when identifier_type = 'email' then coalesce({{ kith.email_key('email') }}, substr(written, 1, 320))
            when identifier_type = 'phone' then coalesce({{ kith.phone_key('written', 'phone') }}, substr(written, 1, 320))
            else written
        end as identifier_value,
        case
            when identifier_type = 'email' then {{ kith.email_invalid_reason('email') }}
            when identifier_type = 'phone' then {{ kith.phone_key_invalid_reason('written', 'phone') }}
            else {{ kith.id_invalid_reason('written') }}
        end as invalid_reason
    from bare

),

final as (

    select
        '{{ source_name }}' as source,
        record_type,
        record_id,
        identifier_type,
        identifier_value,
        min(invalid_reason) is null as is_valid,
        min(invalid_reason) as invalid_reason,
        min(seen_first_at) as first_seen_at,
        max(seen_last_at) as last_seen_at
    from keyed
    group by record_type, record_id, identifier_type, identifier_value

)
{%- endmacro %}
