{#- What was loaded since the last build, into the table of a base model. -#}


{#- The rows loaded since a moment in place of what the table has of them; the older ones of their keys, and of those
    that are gone, are ranked anew with them. Every raw row is in the table, so the older ones are taken from there. -#}
{% macro replace_recent_rows(target, raw, since) %}
  {%- set recent, older = kith.working_table(target, 'recent'), kith.working_table(target, 'older') -%}
  {%- set names = kith.base_columns(raw['declared']).keys() | list -%}
  {%- set is_older = 'loaded_at in (select loaded_at from ' ~ older ~ ') and record_id in (select record_id from '
      ~ older ~ ") and row_status <> 'quarantined'" -%}
  {% do kith.make_working_table(recent, kith.read_rows(raw['declared'], raw['columns'], raw['relation'], since)) %}
  {% do kith.make_working_table(older, kith.older_keys(target, recent, since)) %}
  {% if kith.count_rows(older) %}
    {% set again = kith.working_table(target, 'again') %}
    {% set older_rows = '(select * from ' ~ target ~ ' where ' ~ is_older ~ ') as older_rows' %}
    {% do kith.make_working_table(again, kith.rank_again(raw['columns'], recent, older_rows)) %}
    {% call statement('delete_older') %}delete from {{ target }} where {{ is_older }}{% endcall %}
    {% do kith.take_place(target, again, names, since) %}
    {% do kith.drop_working_table(again) %}
  {% else %}
    {% do kith.take_place(target, recent, names, since) %}
  {% endif %}
  {% do kith.drop_working_table(recent) %}
  {% do kith.drop_working_table(older) %}
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
            union
            select record_id from {{ target }} where loaded_at >= {{ since }} and record_id is not null
        )
{% endmacro %}

{% macro take_place(target, rows, names, since) %}
  {% call statement('delete_replaced') -%}
    delete from {{ target }} where loaded_at is null or loaded_at >= {{ since }}
  {%- endcall %}
  {% call statement('main') -%}
    insert into {{ target }} ({{ kith.quoted_list(names) }})
    select {{ kith.quoted_list(names) }} from {{ rows }}
  {%- endcall %}
{% endmacro %}
