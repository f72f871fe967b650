{#- When the rows of a table were loaded: from when to read again, and whether two tables have the same loads. -#}


{#- The last load of these rows, as SQL; none when no row says when it was loaded. -#}
{% macro last_load(rows) %}
  {% set last = kith.one_row("select cast(max(loaded_at) as " ~ kith.type_of('text') ~ ") from " ~ rows)[0] %}
  {% do return(none if last is none else kith.text_timestamp(last) | trim) %}
{% endmacro %}

{#- Before a moment (SQL) by as much as loads overlap. -#}
{% macro overlap_before(moment) -%}
  {{ kith.add_time(moment, -(var('load_overlap_minutes') | int), 'minute') | trim }}
{%- endmacro %}

{#- The moment (SQL) from which a raw table has loads that its table lacks; none when no row says when it was loaded, and
    where the table was read otherwise. A first load is often one moment for all rows: reading it again, for the overlap,
    would cost as much as at first. -#}
{% macro read_after(target, raw, digest) %}
  {% set held = kith.held_loads(target) %}
  {% if held['last'] is none or not kith.is_reading(held['reading'], digest) %}{% do return(none) %}{% endif %}
  {% set last = kith.text_timestamp(held['last']) | trim %}
  {% set overlap = kith.overlap_before(last) | trim %}
  {% set system = kith.system_columns(raw['declared']) %}
  {% set held = target ~ ' where loaded_at >= ' ~ overlap %}
  {% set there = raw['rows'] ~ ' where ' ~ system['loaded_at'] ~ ' between ' ~ overlap ~ ' and ' ~ last %}
  {% do return(kith.add_time(last, 1, 'microsecond') | trim if kith.same_rows(held, there, system) else overlap) %}
{% endmacro %}

{#- The last load of a base model's table as text, and the last note on how it was read; in one statement, for each costs. -#}
{% macro held_loads(target) %}
  {% set found = kith.one_row(
      'select loads.last_load, readings.last_note from (select cast(max(loaded_at) as ' ~ kith.type_of('text')
      ~ ') as last_load from ' ~ target ~ ') as loads cross join ' ~ kith.last_reading(target)) %}
  {% do return({'last': found[0], 'reading': found[1]}) %}
{% endmacro %}

{#- Whether the table has the raw table's rows, by their number and a sum over their load times; likewise its deleted ones,
    for a row may be marked as deleted in place, under the time of its load. -#}
{% macro same_loads(target, raw) %}
  {% do return(kith.same_rows(target, raw['rows'], kith.system_columns(raw['declared']))) %}
{% endmacro %}

{% macro same_rows(held, there, system) %}
  {% set is_deleted = system['is_deleted'] %}
  {% if is_deleted == 'false' %}{% do return(kith.same_times(held, there, system['loaded_at'])) %}{% endif %}
  {% do return(kith.same_sums(
      kith.select_loads('loaded_at', held, 'is_deleted'), kith.select_loads(system['loaded_at'], there, is_deleted),
      ['loads', 'times', 'deleted', 'deleted_times'])) %}
{% endmacro %}

{% macro same_times(held, there, loaded_there='loaded_at') %}
  {% do return(kith.same_sums(
      kith.select_loads('loaded_at', held), kith.select_loads(loaded_there, there), ['loads', 'times'])) %}
{% endmacro %}

{% macro same_sums(held, there, sums) %}
  {% set equal = [] %}
  {% for name in sums %}{% do equal.append('held.' ~ name ~ ' = there.' ~ name) %}{% endfor %}
  {% do return(kith.one_row(
      'select case when ' ~ equal | join(' and ') ~ ' then 1 else 0 end from (' ~ held ~ ') as held cross join ('
      ~ there ~ ') as there')[0] == 1) %}
{% endmacro %}

{% macro select_loads(loaded_at, relation, is_deleted=none) %}
    {%- set time = 'mod(' ~ kith.seconds_between(kith.text_timestamp('2000-01-01 00:00:00'), 'loaded') ~ ', 1000003)' %}
    select
        count(*) as loads,
        cast(coalesce(sum({{ time }}), 0) as bigint) as times
        {%- if is_deleted %},
        count(case when deleted then 1 end) as deleted,
        cast(coalesce(sum(case when deleted then {{ time }} end), 0) as bigint) as deleted_times
        {%- endif %}
    from (select {{ loaded_at }} as loaded{{ ', ' ~ is_deleted ~ ' as deleted' if is_deleted }} from {{ relation }}) as loaded_rows
{% endmacro %}
