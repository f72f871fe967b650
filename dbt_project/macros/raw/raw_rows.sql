{#
    The table of a base model: every raw row, judged. Only what was loaded since the last build is read again.

    The model's SQL is `read_raw(source, table)`, the whole of it. When the table exists, what was loaded after its last
    load is read, with all rows of the keys that came again: another version may count now. Where the raw table has
    other loads in the `load_overlap_minutes` before the last one (a row came late, was replaced or is gone), these
    are read anew too. They take the place of what the table has of them, so repeated and overlapping loads change
    nothing.

    A row that happened after now is quarantined until the clock has passed it. So rows of which the clock says
    otherwise than at the last build are read anew too, however long ago they were loaded; what lies years ahead is not
    one of these, and costs nothing. This keeps one judgement of a row, in one place, the same after one build or many.

    Then the rows, their load times and deletions are held against the raw table. Where they differ (rows were deleted,
    or marked so in place, a load came very late), and where there is no load time, a loader that keeps history, a
    declaration other than the one by which the table was built, or a raw table that `kith load` replaced, the table is
    built anew.
#}
{% materialization raw_rows, default %}
  {#- Before anything is written: an engine may take back a transaction in which it was asked of a table that is absent. -#}
  {%- set replaceable = kith.replaceable(model) -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set state = namespace(done=false) -%}
  {%- set raw = none if should_full_refresh() else kith.raw_of(model, replaceable) -%}
  {%- set digest = kith.reading_digest(sql) -%}
  {%- set since = kith.read_since(existing_relation, raw, digest) -%}
  {% if since is not none %}
    {% do kith.replace_recent_rows(target_relation, raw, since) %}
    {% set state.done = kith.same_loads(target_relation, raw) %}
  {% endif %}
  {% if not state.done %}
    {% set read_otherwise = kith.note_rebuild(existing_relation, raw, digest) %}
    {% do kith.replace_table(target_relation, existing_relation, sql) %}
    {% if read_otherwise %}{% do kith.note_reading(target_relation, digest) %}{% endif %}
    {% do kith.forget_replaced(replaceable) %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- What changes when the table is built anew; nothing where it was empty and the raw table is absent still. Gives whether
    it will be read otherwise than is noted of it. -#}
{% macro note_rebuild(existing, raw, digest) %}
  {% if existing is none or existing.type != 'table' or should_full_refresh() %}
    {% do kith.note_change('replaced') %}
    {% do return(true) %}
  {% elif raw is not none %}
    {% set read_otherwise = kith.was_read_otherwise(existing, digest) %}
    {% do kith.note_change('replaced' if read_otherwise or kith.was_replaced(raw['relation'], raw['replaceable']) else 'unknown') %}
    {% do return(read_otherwise) %}
  {% elif kith.count_rows(existing) %}
    {% do kith.note_change('replaced') %}
  {% endif %}
  {% do return(false) %}
{% endmacro %}


{#- The raw table of a base model, from the one source() in it: declared, columns, relation, rows; none when absent. -#}
{% macro raw_of(node, replaceable) %}
  {% set source_name, table_name = node.sources[0][0], node.sources[0][1] %}
  {% set given = builtins.source(source_name, table_name) %}
  {% set declared = kith.declared_table(source_name, table_name) %}
  {% set raw = kith.raw_table(source_name, table_name, given) %}
  {% if raw is none %}{% do return(none) %}{% endif %}
  {% do declared.update({'is_fixture': true}) %}
  {% do return({
      'declared': declared,
      'columns': kith.match_columns(declared, raw['found']),
      'relation': raw['relation'],
      'rows': raw['rows'],
      'replaceable': replaceable,
  }) %}
{% endmacro %}


{#- The moment (SQL) from which raw rows have to be read again; none when all have. -#}
{% macro read_since(existing, raw, digest) %}
  {% if raw is none or existing is none or existing.type != 'table' %}{% do return(none) %}{% endif %}
  {% if kith.was_replaced(raw['relation'], raw['replaceable']) %}{% do return(none) %}{% endif %}
  {% set held = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | sort %}
  {% set wanted = kith.base_columns(raw['declared']).keys() | map('lower') | sort %}
  {% if held != wanted or kith.system_columns(raw['declared'])['keeps_history'] %}{% do return(none) %}{% endif %}
  {% set last = kith.read_after(existing, raw, digest) %}
  {% if last is none %}{% do return(none) %}{% endif %}
  {% set rejudged = kith.rejudged_since(existing, raw['declared']) %}
  {% if rejudged is none %}{% do return(last) %}{% endif %}
  {% set rejudged = kith.text_timestamp(rejudged) %}
  {% do return('case when ' ~ rejudged ~ ' < ' ~ last ~ ' then ' ~ rejudged ~ ' else ' ~ last ~ ' end') %}
{% endmacro %}

{% macro text_timestamp(value) -%}
  cast('{{ value }}' as {{ kith.type_of('timestamp') }})
{%- endmacro %}

{#- The earliest load, as text, of a row that was in the future at the last build and is not now, or the reverse, for
    the clock can be set back; none when there is none. Rows without a load time are read anew in any case. -#}
{% macro rejudged_since(existing, declared) %}
  {% set changed = [] %}
  {% for column in declared['columns'] if column.get('happened') %}
    {% set name, limit = adapter.quote(column['as']), kith.latest_past() %}
    {% do changed.append("row_reason = '" ~ kith.future_reason(column) ~ "' and " ~ name ~ ' <= ' ~ limit) %}
    {% do changed.append("row_status <> 'quarantined' and " ~ name ~ ' > ' ~ limit) %}
  {% endfor %}
  {% if not changed %}{% do return(none) %}{% endif %}
  {% set earliest = 'cast(min(loaded_at) as ' ~ kith.type_of('text') ~ ')' %}
  {% do return(kith.one_row('select ' ~ earliest ~ ' from ' ~ existing ~ ' where ' ~ changed | join(' or '))[0]) %}
{% endmacro %}


{% macro quoted_list(names) -%}
    {%- for name in names -%}
        {{ adapter.quote(name) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
