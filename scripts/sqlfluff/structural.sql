{#- What sqlfluff reads in place of the macros that stand for more than one expression; the rest read as a name. -#}
{% macro read_raw(source_name, table_name) %}select 1 as lint{% endmacro %}
{% macro union_sources(entity) %}select 1 as lint{% endmacro %}
{% macro union_audiences() %}select 1 as lint{% endmacro %}
{% macro count_raw_rows() %}select 1 as lint{% endmacro %}
{% macro empty_relation(columns) %}select 1 as lint{% endmacro %}
{% macro tables_read() %}{% endmacro %}
{% macro identifiers_from(mentions, source_name) -%}
final as (

    select * from {{ mentions }}

)
{%- endmacro %}

{% macro consents_from(said, source_name, policy_version=none) -%}
final as (

    select * from {{ said }}

)
{%- endmacro %}
{% macro json_items(relation, column) %}select * from {{ relation }}{% endmacro %}
{% macro seen_together(calls, devices=none) %}select * from {{ calls }}{% endmacro %}
{% macro logins_seen() %}select * from seen_together{% endmacro %}
{% macro visitor_mentions(devices=none) %}select * from logins{% endmacro %}
