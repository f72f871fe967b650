{#- Whose records a table was made with, in ops: by what it is held against at the next build. A table of its own, for the
    one that is held against is built anew before, and may be several times. -#}


{% macro record_columns() %}
  {% do return(['source', 'record_type', 'record_id']) %}
{% endmacro %}

{% macro held_records(relation) %}
  {% do return(kith.existing_ops_table('records_of_' ~ relation.identifier)) %}
{% endmacro %}

{#- Records that came, that are gone, or that are another person's now. -#}
{% macro select_changed_records(target) %}
    select
        {%- for column in kith.record_columns() %}
        coalesce(held.{{ column }}, records.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ kith.held_records(target) }} as held
    full outer join {{ ref('int_person_records') }} as records on held.record_key = records.record_key
    where held.person_id is null or records.person_id is null or held.person_id <> records.person_id
{% endmacro %}

{% macro hold_all_records(target) %}
  {% do kith.make_ops_table('records_of_' ~ target.identifier, kith.text_columns(kith.held_columns())) %}
  {% call statement('empty_held') %}delete from {{ kith.held_records(target) }}{% endcall %}
  {% do kith.hold_records(target, ref('int_person_records')) %}
{% endmacro %}

{% macro hold_changed_records(target, changed) %}
  {% set held, columns = kith.held_records(target), kith.record_columns() %}
  {% call statement('delete_held') %}{{ kith.delete_matching(held, changed, columns) }}{% endcall %}
  {% do kith.hold_records(target, kith.rows_of_keys(ref('int_person_records'), changed, columns)) %}
{% endmacro %}

{% macro hold_records(target, from_item) %}
  {% set columns = kith.held_columns() | join(', ') %}
  {% call statement('hold_records') -%}
    insert into {{ kith.held_records(target) }} ({{ columns }})
    select {{ columns }} from {{ from_item }}
  {%- endcall %}
{% endmacro %}

{% macro held_columns() %}
  {% do return(['record_key'] + kith.record_columns() + ['person_id']) %}
{% endmacro %}
