{#- What `kith load` notes of the raw tables that it replaced, in ops.raw_replaced, for staging, which reads only what is
    new: a replaced table may hold other values under the same load times. -#}


{% macro replaced_notes() %}
  {% do return(adapter.get_relation(database=target.database or none, schema='ops', identifier='raw_replaced')) %}
{% endmacro %}

{% macro was_replaced(raw_relation) %}
  {% set notes = kith.replaced_notes() %}
  {% if notes is none %}{% do return(false) %}{% endif %}
  {% do return(kith.count_rows(notes ~ ' where ' ~ kith.is_relation(raw_relation)) > 0) %}
{% endmacro %}

{% macro forget_replaced(raw_relation) %}
  {% set notes = kith.replaced_notes() %}
  {% if notes is not none %}
    {% call statement('forget_replaced') -%}
      delete from {{ notes }} where {{ kith.is_relation(raw_relation) }}
    {%- endcall %}
  {% endif %}
{% endmacro %}

{% macro is_relation(relation) -%}
  schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
