{#
    A table of which only the rows are made anew whose input changed; equal, row for row, to one that is built as a whole.

    The model's SQL is the whole of it, as for a table. `changes` names the notes (macro noted_keys) that say what
    changed, `rows_of` the model that the SQL reads and that has the notes' columns: each row of the table comes from rows
    of that model with its own values in these columns, and from nothing else that can change, but for what `by_person`
    covers. Then the SQL over the rows of changed keys alone gives what the table has to hold of these keys.

    `by_person`: the SQL also looks up each row's record in int_person_records. So the rows of records that are another
    person's now, that came or that are gone have changed too: held against the records of the last build, in ops.

    `tells`: the notes that are made of what changes here, for the model that reads this one.

    The whole table is built anew where it is absent, by a full refresh, where notes say so or are lost, and where
    the model's SQL or its contract is another than the last time; settings are written out in the SQL.
#}
{% materialization changed_rows, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
  {%- set digest = kith.making_digest(sql) -%}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if should_full_refresh() or not kith.can_take_changes(existing_relation, digest) %}
    {% do kith.make_whole(target_relation, existing_relation, sql, digest) %}
    {% do create_indexes(target_relation) %}
  {% else %}
    {% do kith.take_changes(target_relation, sql) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- A digest of how the table is made. A contract is held against the SQL where the whole table is built. -#}
{% macro making_digest(select_sql) %}
  {% set declared = [] %}
  {% for column in model.columns.values() %}{% do declared.append([column['name'], column['data_type']]) %}{% endfor %}
  {% do return(local_md5(select_sql ~ tojson(declared))) %}
{% endmacro %}

{#- Whether the table was made by this SQL, and everything that changed since is noted. -#}
{% macro can_take_changes(existing, digest) %}
  {% set name = config.require('changes') %}
  {% if existing is none or existing.type != 'table' or kith.row_changes(name) is none %}{% do return(false) %}{% endif %}
  {% if config.get('by_person') and kith.held_records(existing) is none %}{% do return(false) %}{% endif %}
  {% if kith.was_read_otherwise(existing, digest) %}{% do return(false) %}{% endif %}
  {% set everything = kith.noted_keys()[name]['columns'][0] ~ ' is null' %}
  {% do return(kith.count_rows(kith.row_changes(name) ~ ' where ' ~ everything) == 0) %}
{% endmacro %}

{#- Where an engine has no transaction, a build that is killed on the way leaves the note that everything changed. -#}
{% macro make_whole(target, existing, select_sql, digest) %}
  {% set name = config.require('changes') %}
  {% do kith.note_all_rows(name) %}
  {% if config.get('tells') %}{% do kith.note_all_rows(config.get('tells')) %}{% endif %}
  {% set read_otherwise = existing is none or kith.was_read_otherwise(existing, digest) %}
  {% do kith.replace_table(target, existing, select_sql) %}
  {% if config.get('by_person') %}{% do kith.hold_all_records(target) %}{% endif %}
  {% if read_otherwise %}{% do kith.note_reading(target, digest) %}{% endif %}
  {% do kith.forget_row_changes(name) %}
{% endmacro %}

{#- What changed is noted whole before anything does, and struck out at the end. -#}
{% macro take_changes(target, select_sql) %}
  {% set name, by_person = config.require('changes'), config.get('by_person') %}
  {% set changed, records = kith.working_table(target, 'changed'), kith.working_table(target, 'records') %}
  {% if by_person %}{% do kith.make_working_table(records, kith.select_changed_records(target)) %}{% endif %}
  {% do kith.make_working_table(changed, kith.select_changed_keys(target, records if by_person else none)) %}
  {% if kith.count_rows(changed) %}
    {% if by_person %}{% do kith.insert_notes(name, 'select * from ' ~ changed) %}{% endif %}
    {% do kith.make_again(target, changed, select_sql) %}
  {% endif %}
  {% if by_person %}
    {% do kith.hold_changed_records(target, records) %}
    {% do kith.drop_working_table(records) %}
  {% endif %}
  {% do kith.forget_row_changes(name) %}
  {% do kith.drop_working_table(changed) %}
{% endmacro %}

{#- The keys of all rows that may be others now, each once. -#}
{% macro select_changed_keys(target, records) %}
  {% set name, rows = config.require('changes'), ref(config.require('rows_of')) %}
  {% set columns = kith.noted_keys()[name]['columns'] %}
  {% set keys = columns | join(', ') %}
  {% set parts = ['select ' ~ keys ~ ' from ' ~ kith.row_changes(name) ~ ' where ' ~ columns[-1] ~ ' is not null'] %}
  {% set whole = kith.first_values(
      'select distinct ' ~ columns[0] ~ ' from ' ~ kith.row_changes(name) ~ ' where ' ~ columns[-1] ~ ' is null') %}
  {% if whole %}
    {% for relation in [rows, target] %}
      {% do parts.append(
          'select ' ~ keys ~ ' from ' ~ relation ~ ' where ' ~ columns[0] ~ ' in (' ~ kith.text_list(whole) ~ ')') %}
    {% endfor %}
  {% endif %}
  {% if records is not none %}
    {% do parts.append('select ' ~ keys ~ ' from ' ~ kith.rows_of_keys(rows, records, kith.record_columns())) %}
  {% endif %}
  {% do return('select distinct ' ~ keys ~ ' from (' ~ parts | join(' union all ') ~ ') as noted') %}
{% endmacro %}

{#- The rows of these keys, in place of what the table has of them. -#}
{% macro make_again(target, changed, select_sql) %}
  {% set columns = kith.noted_keys()[config.require('changes')]['columns'] %}
  {% set rows, again = ref(config.require('rows_of')), kith.working_table(target, 'again') %}
  {% do kith.make_working_table(again, kith.narrowed(select_sql, rows, changed, columns)) %}
  {% if config.get('tells') %}
    {% do kith.note_row_changes(config.get('tells'), kith.select_told(
        config.get('tells'), [again, kith.rows_of_keys(target, changed, columns)])) %}
  {% endif %}
  {% call statement('delete_changed') %}{{ kith.delete_matching(target, changed, columns) }}{% endcall %}
  {% set names = kith.quoted_list(adapter.get_columns_in_relation(target) | map(attribute='name') | list) %}
  {% call statement('insert_again') -%}
    insert into {{ target }} ({{ names }})
    select {{ names }} from {{ again }}
  {%- endcall %}
  {% do kith.drop_working_table(again) %}
{% endmacro %}

{#- The model's SQL over the rows of these keys alone. -#}
{% macro narrowed(select_sql, rows, keys, columns) %}
  {% if rows | string not in select_sql %}
    {% do exceptions.raise_compiler_error(
      "The model reads no " ~ rows ~ ", which its rows_of names. Nothing was changed. Name the model there whose rows it reads.") %}
  {% endif %}
  {% do return(select_sql | replace(rows | string, kith.rows_of_keys(rows, keys, columns))) %}
{% endmacro %}

{#- The rows of a relation that have one of the keys, as a FROM item. The join finds each once, for the keys are distinct. -#}
{% macro rows_of_keys(relation, keys, columns) -%}
    (
        select key_rows.*
        from {{ relation }} as key_rows
        inner join {{ keys }} as wanted_keys
            on {% for column in columns %}key_rows.{{ column }} = wanted_keys.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    ) as rows_of_keys
{%- endmacro %}

{#- The keys by which the next model is told of rows, each once. Rows with a null in them are none of that model's. -#}
{% macro select_told(name, from_items) %}
  {% set columns = kith.noted_keys()[name]['columns'] %}
  {% set parts, known = [], [] %}
  {% for column in columns %}{% do known.append(column ~ ' is not null') %}{% endfor %}
  {% for item in from_items %}
    {% do parts.append('select ' ~ columns | join(', ') ~ ' from ' ~ item ~ ' where ' ~ known | join(' and ')) %}
  {% endfor %}
  {% do return('select distinct ' ~ columns | join(', ') ~ ' from (' ~ parts | join(' union all ') ~ ') as told') %}
{% endmacro %}
