{#- Which row of a key counts: the end of every statement that makes a base model's rows. -#}


{#- Rows that were judged before, ranked anew: those of `recent` with the `older` ones of their keys. -#}
{% macro rank_again(columns, recent, older) %}
with

judged as (
    {% for relation in [recent, older] %}
    select
        {%- for column in columns %}
        {{ column['as'] }},
        {%- endfor %}
        record_id,
        loaded_at,
        version_at,
        is_deleted,
        case when row_status = 'quarantined' then row_reason end as row_reason,
        row_hash
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ kith.ranked_rows(columns, 'judged.row_hash') }}
{% endmacro %}


{#- The end of a statement with a CTE judged: of the rows of a key that are not refused, one counts. -#}
{% macro ranked_rows(columns, row_hash) %}
    {%- set names = columns | map(attribute='as') | list -%}
    {%- set keys = columns | selectattr('key') | map(attribute='as') | list -%}
repeated_keys as (

    select {{ keys | join(', ') }}
    from judged
    where row_reason is null
    group by {{ keys | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        judged.*,
        row_number() over (
            partition by {% for key in keys %}judged.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                {{ kith.version_order('judged', columns) }}
        ) as row_place
    from judged
    inner join repeated_keys
        on {% for key in keys %}judged.{{ key }} = repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where judged.row_reason is null

),

final as (

    select
        {%- for name in names %}
        judged.{{ name }},
        {%- endfor %}
        judged.record_id,
        judged.loaded_at,
        judged.version_at,
        judged.is_deleted,
        case when judged.row_reason is null then 'staged' else 'quarantined' end as row_status,
        judged.row_reason,
        {{ row_hash }} as row_hash
    from judged
    left join repeated_keys
        on {% for key in keys %}judged.{{ key }} = repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where judged.row_reason is not null or repeated_keys.{{ keys[0] }} is null
    union all
    select
        {%- for name in names %}
        {{ name }},
        {%- endfor %}
        record_id,
        loaded_at,
        version_at,
        is_deleted,
        case when row_place = 1 then 'staged' else 'duplicate' end as row_status,
        case when row_place > 1 then 'an older or equal row of the same key' end as row_reason,
        {{ kith.typed_null('text') }} as row_hash
    from ranked

)

select * from final
{% endmacro %}


{#- Which of two rows of the same key counts: the latest version, then the last loaded, then by content. -#}
{% macro version_order(alias, columns) -%}
    case when {{ alias }}.version_at is null then 1 else 0 end,
    {{ alias }}.version_at desc,
    case when {{ alias }}.loaded_at is null then 1 else 0 end,
    {{ alias }}.loaded_at desc
    {%- for column in columns if not column['key'] %},
    {{ kith.bytewise("coalesce(" ~ kith.as_text(alias ~ '.' ~ column['as']) ~ ", '')") }}
    {%- endfor %}
{%- endmacro %}
