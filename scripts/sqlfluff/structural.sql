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

{% macro carts_from(cart_events, source_name) -%}
final as (

    select * from {{ cart_events }}

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
{% macro behaviour_calls(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_traits(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_commerce_events(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_people(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_identifiers(source_name, users_have_devices=false) %}select 1 as lint{% endmacro %}
{% macro behaviour_events(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_carts(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_consents(source_name) %}select 1 as lint{% endmacro %}
{% macro behaviour_preferences(source_name, lists=false) %}select 1 as lint{% endmacro %}
