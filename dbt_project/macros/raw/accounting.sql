{#- Raw rows, counted in the raw tables themselves. -#}


{#- source, raw_table, loaded_on, raw_rows: each raw table's rows by the day on which they were loaded, counted in
    itself; no row of a table that is absent. -#}
{% macro count_raw_rows() %}
    {%- set counts = [] %}
    {%- for source_name, table_name in kith.tables_read() %}
        {%- do counts.append(kith.count_loads(source_name, table_name, source(source_name, table_name))) %}
    {%- endfor %}
    {%- set counts = counts | select | list %}
    {%- set columns = {'source': 'text', 'raw_table': 'text', 'loaded_on': 'date', 'raw_rows': 'integer'} %}
    {{- (counts or [kith.empty_relation(columns)]) | join('\nunion all\n') }}
{%- endmacro %}

{#- The statement for one raw table; nothing when it is absent. -#}
{% macro count_loads(source_name, table_name, given) -%}
    {%- set raw = kith.raw_table(source_name, table_name, given) if execute else none -%}
    {%- if raw is not none -%}
        {%- set declared = kith.declared_table(source_name, table_name) -%}
        {%- do declared.update({'found': raw['found']}) -%}
select
    '{{ source_name }}' as source,
    '{{ table_name }}' as raw_table,
    cast(loaded_at as date) as loaded_on,
    count(*) as raw_rows
from (
    select {{ kith.system_columns(declared)['loaded_at'] }} as loaded_at
    from {{ raw['rows'] }}
) as loads
group by cast(loaded_at as date)
    {%- endif -%}
{%- endmacro %}
