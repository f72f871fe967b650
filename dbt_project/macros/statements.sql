{#- Small statements that materialisations run, of whatever room. -#}


{#- Where a working table of a model lies: see working_table_at. -#}
{% macro working_table(target, name) %}
  {% do return(kith.working_table_at(target.database, target.schema, target.identifier ~ '__' ~ name)) %}
{% endmacro %}

{#- Create or replace a working table, with statistics where the planner needs them. -#}
{% macro make_working_table(relation, select_sql) %}
  {% call statement('working_table') %}{{ kith.replace_working_table(relation, select_sql) }}{% endcall %}
  {% set analysis = kith.analyze_relation(relation) %}
  {% if analysis | trim %}{% call statement('analysis') %}{{ analysis }}{% endcall %}{% endif %}
{% endmacro %}

{% macro drop_working_table(relation) %}
  {% call statement('drop_working_table') %}drop table if exists {{ relation }}{% endcall %}
{% endmacro %}

{#- A query's first row. -#}
{% macro one_row(query) %}
  {% call statement('one_row', fetch_result=True) %}{{ query }}{% endcall %}
  {{ return(load_result('one_row')['data'][0]) }}
{% endmacro %}

{% macro count_rows(from_sql) %}
  {% call statement('count_rows', fetch_result=True) %}select count(*) as n from {{ from_sql }}{% endcall %}
  {{ return(load_result('count_rows')['data'][0][0] | int) }}
{% endmacro %}

{#- The first column of a query, as a list. -#}
{% macro first_values(query) %}
  {% call statement('first_values', fetch_result=True) %}{{ query }}{% endcall %}
  {{ return(load_result('first_values')['data'] | map('first') | list) }}
{% endmacro %}
