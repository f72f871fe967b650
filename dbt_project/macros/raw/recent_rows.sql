{#- What was loaded since the last build, into the table of a base model. -#}


{#- The rows loaded since a moment in place of what the table has of them; the older ones of their keys, and of those
    that are gone, are ranked anew with them. Every raw row is in the table, so the older ones are taken from there. -#}
{% macro replace_recent_rows(target, raw, since) %}
  {%- set recent, older = kith.working_table(target, 'recent'), kith.working_table(target, 'older') -%}
  {%- set names = kith.base_columns(raw['declared']).keys() | list -%}
  {% do kith.make_working_table(recent, kith.read_rows(raw['declared'], raw['columns'], raw['rows'], since)) %}
  {% set changed = kith.changed_loads(target, recent, since) %}
  {% if changed[0] %}
    {% do kith.make_working_table(older, kith.older_keys(target, recent, since)) %}
    {% set counted = kith.older_loads(older, recent) %}
    {% set earliest = [changed[1], counted[1]] | reject('none') | sort | first %}
    {% do kith.note_change('loads', kith.text_timestamp(earliest) if earliest else since) %}
    {% if counted[0] %}
      {% do kith.take_with_older(target, raw, recent, older, since) %}
    {% else %}
      {% do kith.take_place(target, 'select ' ~ kith.quoted_list(names) ~ ' from ' ~ recent, names, since) %}
    {% endif %}
    {% do kith.drop_working_table(older) %}
  {% endif %}
  {% do kith.drop_working_table(recent) %}
{% endmacro %}

{#- How many rows come or go, and the earliest load of these, as text. -#}
{% macro changed_loads(target, recent, since) %}
  {% call statement('main', fetch_result=True) -%}
    select count(*), cast(min(loaded_at) as {{ kith.type_of('text') }})
    from (
        select loaded_at from {{ recent }}
        union all
        select loaded_at from {{ target }} where loaded_at is null or loaded_at >= {{ since }}
    ) as changed
  {%- endcall %}
  {% do return(load_result('main')['data'][0]) %}
{% endmacro %}

{#- How many older rows there are, and the earliest load of those that count again, for a newer one of their key is gone. -#}
{% macro older_loads(older, recent) %}
  {% do return(kith.one_row(
      'select count(*), cast(min(case when recent_ids.record_id is null then older.loaded_at end) as '
      ~ kith.type_of('text') ~ ') from ' ~ older ~ ' as older left join (select distinct record_id from ' ~ recent
      ~ ') as recent_ids on older.record_id = recent_ids.record_id')) %}
{% endmacro %}

{#- Rows of keys that have older ones are ranked with these; the others stay as they were read. -#}
{% macro take_with_older(target, raw, recent, older, since) %}
  {%- set names = kith.base_columns(raw['declared']).keys() | list -%}
  {%- set again = kith.working_table(target, 'again') -%}
  {%- set of_older_keys = 'record_id in (select record_id from ' ~ older ~ ") and row_status <> 'quarantined'" -%}
  {%- set is_older = 'loaded_at in (select loaded_at from ' ~ older ~ ') and ' ~ of_older_keys -%}
  {% do kith.make_working_table(again, kith.rank_again(
      raw['columns'],
      '(select * from ' ~ recent ~ ' where ' ~ of_older_keys ~ ') as recent_rows',
      '(select * from ' ~ target ~ ' where loaded_at < ' ~ since ~ ' and ' ~ is_older ~ ') as older_rows')) %}
  {% set asked = ['loaded_at', 'record_id', 'row_status'] %}
  {% call statement('delete_older') %}{{ kith.delete_rows(target, is_older, asked) }}{% endcall %}
  {% set columns = kith.quoted_list(names) %}
  {% do kith.take_place(
      target,
      'select ' ~ columns ~ ' from ' ~ recent ~ " where record_id is null or row_status = 'quarantined' or record_id"
          ~ ' not in (select record_id from ' ~ older ~ ') union all select ' ~ columns ~ ' from ' ~ again,
      names,
      since) %}
  {% do kith.drop_working_table(again) %}
{% endmacro %}

{#- The keys, with their load times, of older rows that have newer ones now or had such that are gone. Few, and found in
    two narrow columns: the rows themselves are read by their load times. -#}
{% macro older_keys(target, recent, since) %}
    select
        record_id,
        loaded_at
    from {{ target }}
    where
        loaded_at < {{ since }}
        and row_status <> 'quarantined'
        and record_id in (
            select record_id from {{ recent }} where record_id is not null
            union all
            select record_id from {{ target }} where loaded_at >= {{ since }} and record_id is not null
        )
{% endmacro %}

{% macro take_place(target, select_sql, names, since) %}
  {% call statement('delete_replaced') -%}
    delete from {{ target }} where loaded_at is null or loaded_at >= {{ since }}
  {%- endcall %}
  {% call statement('main') -%}
    insert into {{ target }} ({{ kith.quoted_list(names) }})
    {{ select_sql }}
  {%- endcall %}
{% endmacro %}
