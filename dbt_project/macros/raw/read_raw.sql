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
        {%- set raw = kith.raw_table(source_name, table_name, relation) -%}
        {%- do declared.update({'is_fixture': kith.is_fixture(relation)}) -%}
        {%- if raw is none -%}
            {{ kith.log_absent(source_name, table_name) }}
            {{- kith.empty_relation(kith.base_columns(declared)) }}
        {%- else -%}
            {%- do kith.log_load_time(declared, raw['found']) -%}
            {{- kith.read_rows(declared, kith.match_columns(declared, raw['found']), raw['rows']) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- The statement, from the declaration and the columns found; with a moment (SQL) of what was loaded since. -#}
{% macro read_rows(declared, columns, rows, since=none) %}
with

{{ kith.judged_rows(declared, columns, rows, since) }}

{{ kith.ranked_rows(columns, 'case when judged.row_reason is not null then ' ~ kith.md5_hex(kith.row_texts(columns)) ~ ' end') }}
{% endmacro %}


{#- CTEs raw_rows, typed and judged: every raw row, typed, with its record_id and the reason why it is refused.
    With a moment (SQL) only the rows loaded since. -#}
{% macro judged_rows(declared, columns, rows, since=none) %}
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
        {%- if system['raw_fault'] %},
        {{ system['raw_fault'] }} as raw_fault
        {%- endif %}
    from {{ rows }}
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
        {%- if system['raw_fault'] %},
        raw_fault
        {%- endif %}
    from raw_rows

),

judged as (

    select
        *,
        {{ kith.record_id(columns) }} as record_id,
        {{ kith.row_reason(declared, columns, 'raw_fault' if system['raw_fault'] else none) }} as row_reason
    from typed

),
{% endmacro %}
