{#- What changed in a table, for the one model that takes it up from there: notes of keys in a table of the schema ops. Who
    changes the table notes it before, and who has taken the notes up strikes them out after: a build that is killed
    between the two takes them up again. -#}


{#- Name → the columns of a note, all of them text, and the model that reads it. The first column null: everything
    changed. The last one alone null: everything of the first one's value did. -#}
{% macro noted_keys() %}
  {% do return({
      'events': {'columns': ['source', 'event_id'], 'reader': 'person_events'},
      'visits': {'columns': ['person_id', 'source', 'platform', 'visitor_id'], 'reader': 'sessions'},
  }) %}
{% endmacro %}

{% macro row_changes(name) %}
  {% do return(kith.existing_ops_table('changed_' ~ name)) %}
{% endmacro %}

{#- The keys of rows that change, as SQL with the notes' columns. Without a reader they would only grow, and a reader that
    is switched on again has to take everything. -#}
{% macro note_row_changes(name, select_sql) %}
  {% if 'model.kith.' ~ kith.noted_keys()[name]['reader'] not in graph.nodes or kith.row_changes(name) is none %}
    {% do kith.note_all_rows(name) %}
  {% else %}
    {% do kith.insert_notes(name, select_sql) %}
  {% endif %}
{% endmacro %}

{#- Everything changes: of the notes before, nothing is left to know. -#}
{% macro note_all_rows(name) %}
  {% do kith.make_ops_table('changed_' ~ name, kith.text_columns(kith.noted_keys()[name]['columns'])) %}
  {% do kith.forget_row_changes(name) %}
  {% do kith.insert_notes(name, kith.select_nulls(kith.noted_keys()[name]['columns'])) %}
{% endmacro %}

{#- dbt wants a `main` statement of a model, also of one in which nothing changed. -#}
{% macro forget_row_changes(name) %}
  {% call statement('main') %}delete from {{ kith.row_changes(name) }}{% endcall %}
{% endmacro %}

{% macro insert_notes(name, select_sql) %}
  {% call statement('insert_notes') -%}
    insert into {{ kith.row_changes(name) }} ({{ kith.noted_keys()[name]['columns'] | join(', ') }})
    {{ select_sql }}
  {%- endcall %}
{% endmacro %}

{#- One row, null in every column. -#}
{% macro select_nulls(columns) %}
    select
        {%- for column in columns %}
        {{ kith.typed_null('text') }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
{% endmacro %}
