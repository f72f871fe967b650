{#- The steps from what a source says of consent to its decisions, as CTEs of which the last is `final`. `said` has
    record_type, record_id, written (the e-mail), state (granted, denied, or null for none), decision_at (the
    decision's own time, null when the source keeps none), known_at (the latest time by which it was made) and
    is_current (whether the row is staged and not deleted); `policy_version` names the column with it, if there is one.

    What is unsure goes against writing. A grant counts from its own time alone, and only while its row is current. A
    denial is taken from every row, refused, replaced and deleted ones too, and where it has no time of its own it
    was made as late as it can have been. Without a valid address it is about all that its record's person has. -#}
{% macro consents_from(said, source_name, policy_version=none) -%}
bare as (

    select
        *,
        {{ kith.email_bare('written') }} as bare_email
    from {{ said }}
    where state = 'denied' or (state = 'granted' and is_current)

),

keyed as (

    select
        *,
        case when {{ kith.email_invalid_reason('bare_email') }} is null then {{ kith.email_key('bare_email') }} end as address_key
    from bare

),

final as (

    select distinct
        '{{ source_name }}' as source,
        record_type,
        record_id,
        'marketing' as purpose,
        'email' as channel,
        'email' as contact_point_type,
        address_key as contact_point,
        state,
        case when state = 'denied' then coalesce(decision_at, known_at) else decision_at end as decided_at,
        {{ policy_version or kith.typed_null('text') }} as policy_version
    from keyed
    where address_key is not null or (state = 'denied' and record_id is not null)

)
{%- endmacro %}
