{#- What `kith load` notes of the raw tables that it replaced, for those who read only what is new: a replaced table may
    hold other values under the same load times. ops.raw_replaced is for staging, ops.staging_replaced for entities. -#}


{% macro replaced_notes(name) %}
  {% do return(adapter.get_relation(database=target.database, schema='ops', identifier=name)) %}
{% endmacro %}

{#- Whether one of the notes (raw_replaced or staging_replaced) is of these tables (SQL over schema_name, table_name). -#}
{% macro was_replaced(name, tables) %}
  {% set notes = kith.replaced_notes(name) %}
  {% if notes is none %}{% do return(false) %}{% endif %}
  {% do return(kith.count_rows(notes ~ ' where ' ~ tables) > 0) %}
{% endmacro %}

{% macro forget_replaced(name, tables='1 = 1') %}
  {% set notes = kith.replaced_notes(name) %}
  {% if notes is not none %}
    {% call statement('forget_replaced') -%}
      delete from {{ notes }} where {{ tables }}
    {%- endcall %}
  {% endif %}
{% endmacro %}

{% macro is_relation(relation) -%}
  schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
