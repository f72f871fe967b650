{#
    An entity over all sources, of which only what was loaded since the last build is taken again.

    The model's SQL is `union_sources(entity)`, the whole of it; `entity` and `entity_key` are its configuration.
    Of a source that says so (`by_load`), a row's loaded_at is the latest of all rows that it is made from, so a changed
    row comes as newly loaded. Its base models note in ops.staging_changes from which load on they changed: the rows
    loaded since then take the place of those that the table has under their keys, and without a note nothing is read.
    Of the other sources all rows are taken at each build.

    Where a base model was built anew (rows were deleted, a load came very late, a loader keeps history), rows
    and load times are held against the source's own after that. Where they differ, and where `kith load` replaced a
    raw table of the source, the source's rows are taken anew.

    Which keys change is noted for the model that takes the entity up from here: see noted_keys.
#}
{% materialization loaded_rows, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
  {%- set entity = config.require('entity') -%}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if should_full_refresh() or not kith.holds_entity(existing_relation, entity) %}
    {% do kith.note_all_rows(entity) %}
    {% do kith.replace_table(target_relation, existing_relation, sql) %}
    {% do create_indexes(target_relation) %}
  {% else %}
    {% do kith.drop_absent_sources(target_relation, entity) %}
    {% for source_name in kith.sources_with(entity) %}
      {% do kith.take_loaded_rows(target_relation, entity, source_name, config.require('entity_key')) %}
    {% endfor %}
  {% endif %}
  {% do kith.forget_changes() %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Whether the relation is a table with the entity's columns. -#}
{% macro holds_entity(relation, entity) %}
  {% if relation is none or relation.type != 'table' %}{% do return(false) %}{% endif %}
  {% set held = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | sort %}
  {% do return(held == kith.entity_columns(entity).keys() | sort) %}
{% endmacro %}

{#- The rows of sources that are off now, or offer the entity no more. -#}
{% macro drop_absent_sources(target, entity) %}
  {% set is_absent = 'source is null or source not in (' ~ kith.text_list(kith.sources_with(entity) or ['']) ~ ')' %}
  {% do kith.note_row_changes(
      entity, 'select distinct source, ' ~ kith.typed_null('text') ~ ' from ' ~ target ~ ' where ' ~ is_absent) %}
  {% call statement('main') -%}
    delete from {{ target }} where {{ is_absent }}
  {%- endcall %}
{% endmacro %}

{#- One source's rows: those of the loads that changed, or all where that is not enough. -#}
{% macro take_loaded_rows(target, entity, source_name, key) %}
  {% set own = "source = '" ~ source_name ~ "'" %}
  {% set by_load = entity in var('source_models')[source_name].get('by_load', []) %}
  {% set last = kith.last_load(target ~ ' where ' ~ own) if by_load else none %}
  {% set changes = kith.noted_changes(source_name) if last is not none else none %}
  {% if changes is none or changes['replaced'] %}
    {% do kith.take_all_rows(target, entity, source_name) %}
  {% elif changes['unknown'] %}
    {% do kith.take_recent_rows(target, entity, source_name, key, kith.earlier_of(kith.overlap_before(last), changes)) %}
    {% if not kith.same_times(target ~ ' where ' ~ own, ref('stg_' ~ source_name ~ '__' ~ entity)) %}
      {% do kith.take_all_rows(target, entity, source_name) %}
    {% endif %}
  {% elif changes['notes'] %}
    {% do kith.take_recent_rows(target, entity, source_name, key, kith.text_timestamp(changes['loaded_from']) | trim) %}
  {% endif %}
{% endmacro %}

{% macro earlier_of(moment, changes) %}
  {% if changes['loaded_from'] is none %}{% do return(moment | trim) %}{% endif %}
  {% set noted = kith.text_timestamp(changes['loaded_from']) | trim %}
  {% do return('case when ' ~ noted ~ ' < ' ~ moment ~ ' then ' ~ noted ~ ' else ' ~ moment ~ ' end') %}
{% endmacro %}

{% macro take_all_rows(target, entity, source_name) %}
  {% do kith.note_row_changes(entity, "select '" ~ source_name ~ "', " ~ kith.typed_null('text')) %}
  {% call statement('empty_source') %}delete from {{ target }} where source = '{{ source_name }}'{% endcall %}
  {% do kith.insert_rows(target, kith.entity_columns(entity), kith.select_entity(entity, source_name)) %}
{% endmacro %}

{% macro take_recent_rows(target, entity, source_name, key, since) %}
  {% set recent = kith.working_table(target, 'recent_' ~ source_name) %}
  {% set loaded = 'loaded_at is null or loaded_at >= ' ~ since %}
  {% set same_keys = key ~ ' in (select ' ~ key ~ ' from ' ~ recent ~ ')' %}
  {% set own = "source = '" ~ source_name ~ "'" %}
  {% set offered = kith.offered_since(entity, source_name, since) %}
  {% do kith.make_working_table(recent, kith.select_entity(entity, source_name, offered) ~ ' where ' ~ loaded) %}
  {% set came_again = kith.count_rows(target ~ ' where ' ~ own ~ ' and not (' ~ loaded ~ ') and ' ~ same_keys) %}
  {% set is_replaced = own ~ ' and (' ~ loaded ~ (' or ' ~ same_keys if came_again else '') ~ ')' %}
  {% do kith.note_row_changes(
      entity,
      'select source, ' ~ key ~ ' from ' ~ recent
          ~ ' union all select source, ' ~ key ~ ' from ' ~ target ~ ' where ' ~ is_replaced) %}
  {% call statement('delete_replaced') -%}
    {{ kith.delete_rows(target, is_replaced, ['source', 'loaded_at', key]) }}
  {%- endcall %}
  {% do kith.insert_rows(target, kith.entity_columns(entity), 'select * from ' ~ recent) %}
  {% do kith.drop_working_table(recent) %}
{% endmacro %}

{% macro insert_rows(target, columns, select_sql) %}
  {% call statement('insert_rows') -%}
    insert into {{ target }} ({{ kith.quoted_list(columns) }})
    {{ select_sql }}
  {%- endcall %}
{% endmacro %}

{#- A source's entity as SQL to read from, of which only rows loaded since are wanted. Where its model joins loads, and a
    condition on the latest of them would come after the join, `since` in source_models names the macro that asks before. -#}
{% macro offered_since(entity, source_name, since) %}
  {% set macro_name = var('source_models')[source_name].get('since', {}).get(entity) %}
  {% if macro_name is none %}{% do return(ref('stg_' ~ source_name ~ '__' ~ entity)) %}{% endif %}
  {% do return('(' ~ kith[macro_name](source_name, since) ~ ') as offered') %}
{% endmacro %}

{#- A staging model's relation for SQL that is asked with a moment, and so is part of another model than its own. -#}
{% macro staging_relation(name, since=none) %}
  {% if since is none %}{% do return(ref(name)) %}{% endif %}
  {% set node = graph.nodes['model.kith.' ~ name] %}
  {% do return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) %}
{% endmacro %}
