{#- A raw table made whole, in one place: one row per raw row, with every declared column under its declared
    name and type. Blank text is null; what is absent is null; what cannot be read as its type, and what lacks
    a required value or says that it happened after now, is quarantined with the reason; of rows with the same key the last loaded counts and the
    others are duplicates. Beside the declared columns: record_id, loaded_at, is_deleted, row_status (staged,
    quarantined, duplicate), row_reason, and row_hash, which tells quarantined rows without an id apart. -#}
{% macro read_raw(source_name, table_name) %}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}
        select 1 as parsed
    {%- else -%}
        {%- set declared = kith.declared_table(source_name, table_name) -%}
        {%- set found = kith.raw_columns(source_name, table_name, relation) -%}
        {%- do declared.update({'is_fixture': kith.is_fixture(relation)}) -%}
        {%- if found is none -%}
            {{ kith.log_absent(source_name, table_name) }}
            {{- kith.empty_relation(kith.base_columns(declared)) }}
        {%- else -%}
            {{- kith.read_rows(declared, kith.match_columns(declared, found), kith.raw_relation(source_name, table_name, relation)) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- The statement, from the declaration and the columns found; with a moment (SQL) of what was loaded since. -#}
{% macro read_rows(declared, columns, relation, since=none) %}
with

{{ kith.judged_rows(declared, columns, relation, since) }}

{{ kith.ranked_rows(columns, 'case when judged.row_reason is not null then ' ~ kith.md5_hex(kith.row_texts(columns)) ~ ' end') }}
{% endmacro %}


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


{#- CTEs raw_rows, typed and judged: every raw row, typed, with its record_id and the reason why it is refused.
    With a moment (SQL) only the rows loaded since. -#}
{% macro judged_rows(declared, columns, relation, since=none) %}
{%- set system = kith.system_columns(declared) -%}
-- As the loader left it, blank text as null.
raw_rows as (

    select
        {%- for column in columns %}
        {{ kith.raw_value(column) }} as {{ column['raw_as'] }},
        {%- endfor %}
        {{ system['loaded_at'] }} as loaded_at,
        {{ system['is_deleted'] }} as is_deleted,
        {{ system['version_at'] }} as version_at
    from {{ relation }}
    {% if since -%}
    where {{ system['loaded_at'] }} is null or {{ system['loaded_at'] }} >= {{ since }}
    {%- endif %}

),

typed as (

    select
        {%- for column in columns %}
        {{ kith.typed_value(column) }} as {{ column['as'] }},
        {%- if column['fallible'] %}
        {{ column['raw_as'] }},
        {%- endif %}
        {%- endfor %}
        loaded_at,
        is_deleted,
        version_at
    from raw_rows

),

judged as (

    select
        *,
        {{ kith.record_id(columns) }} as record_id,
        {{ kith.row_reason(declared, columns) }} as row_reason
    from typed

),
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
