{#- What `kith load` notes of the raw tables that it replaced, in ops.raw_replaced, for staging, which reads only what is
    new: a replaced table may hold other values under the same load times. -#}


{% macro replaced_notes() %}
  {% do return(adapter.get_relation(database=target.database or none, schema='ops', identifier='raw_replaced')) %}
{% endmacro %}

{#- Of which tables a base model heeds the notes, and passes them on: own, its raw table under its own name; within, the
    tables that are read out of it, each by a base model that heeds its own. -#}
{% macro replaceable(node) %}
  {% set source_name, table_name = node.sources[0][0], node.sources[0][1] %}
  {% set relation = builtins.source(source_name, table_name) %}
  {% do return({
      'own': kith.raw_relation(source_name, table_name, relation),
      'within': kith.tables_nested_in(source_name, table_name, relation),
  }) %}
{% endmacro %}

{% macro was_replaced(raw_relation, replaceable) %}
  {% set notes = kith.replaced_notes() %}
  {% if notes is none %}{% do return(false) %}{% endif %}
  {% do return(kith.count_rows(
      notes ~ ' where ' ~ kith.is_relation(raw_relation) ~ ' or ' ~ kith.is_relation(replaceable['own'])) > 0) %}
{% endmacro %}

{% macro forget_replaced(replaceable) %}
  {% set notes = kith.replaced_notes() %}
  {% if notes is not none %}
    {% set is_own = kith.is_relation(replaceable['own']) %}
    {% for relation in replaceable['within'] %}
      {% call statement('pass_replaced_on') -%}
        insert into {{ notes }} (schema_name, table_name)
        select distinct schema_name, '{{ relation.identifier }}' from {{ notes }} where {{ is_own }}
      {%- endcall %}
    {% endfor %}
    {% call statement('forget_replaced') -%}
      delete from {{ notes }} where {{ is_own }}
    {%- endcall %}
  {% endif %}
{% endmacro %}

{% macro is_relation(relation) -%}
  schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
