{#- When a raw table was last loaded, for `dbt source freshness`: the loader's time by Kith's clock, whatever type
    the column has. A table that is absent, or has no such time, cannot be late: it counts as loaded now, and the
    log says so. A table without a row was never loaded. `source_node` is the declaration, `model` in
    loaded_at_query. -#}
{% macro latest_load(source_node) %}
    {%- set relation = api.Relation.create(
        database=source_node.database, schema=source_node.schema, identifier=source_node.identifier) -%}
    {%- set raw = kith.raw_table(source_node.source_name, source_node.name, relation) -%}
    {%- set loaded_at = kith.load_time(source_node, raw) -%}
    {%- if loaded_at is none %}
    select {{ kith.wall_clock(kith.now_utc()) }} as loaded_at
    {%- else %}
    select {{ kith.wall_clock('max(' ~ loaded_at ~ ')') }} as loaded_at
    from {{ raw['rows'] }}
    {%- endif %}
{% endmacro %}

{#- SQL over the raw table for when a row was loaded; none when nothing in the table says it. -#}
{% macro load_time(source_node, raw) %}
    {% if raw is none %}
        {{ kith.log_absent(source_node.source_name, source_node.name) }}
        {% do return(none) %}
    {% endif %}
    {% set declared = kith.declared_table(source_node.source_name, source_node.name) %}
    {% do declared.update({'found': raw['found']}) %}
    {% if not kith.load_names(declared) | select('in', raw['found']) | list %}
        {% do log(source_node.source_name ~ "  " ~ source_node.name ~ ": no column says when it was loaded", info=true) %}
        {% do return(none) %}
    {% endif %}
    {% do return(kith.system_columns(declared)['loaded_at']) %}
{% endmacro %}

{#- dbt takes an age by the engine's clock, so a time by Kith's clock is moved by what lies between the two. -#}
{% macro wall_clock(expression) -%}
    {%- set ahead = (run_started_at - kith.now_moment()).total_seconds() | int -%}
    {{ kith.add_time(expression, ahead, 'second') if ahead else expression }}
{%- endmacro %}
