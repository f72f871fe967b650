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

{#- The moment (SQL) from which a raw table has loads that its table lacks; none when no row says when it was loaded.
    A first load is often one moment for all rows: reading it again, for the overlap, would cost as much as at first. -#}
{% macro read_after(target, raw) %}
  {% set last = kith.last_load(target) %}
  {% if last is none %}{% do return(none) %}{% endif %}
  {% set overlap = kith.overlap_before(last) | trim %}
  {% set loaded_there = kith.system_columns(raw['declared'])['loaded_at'] %}
  {% set held = target ~ ' where loaded_at >= ' ~ overlap %}
  {% set there = raw['relation'] ~ ' where ' ~ loaded_there ~ ' between ' ~ overlap ~ ' and ' ~ last %}
  {% do return(kith.add_time(last, 1, 'microsecond') | trim if kith.same_times(held, there, loaded_there) else overlap) %}
{% endmacro %}

{#- Whether the table has the raw table's rows, by their number and a sum over their load times. -#}
{% macro same_loads(target, raw) %}
  {% set loaded_at = kith.system_columns(raw['declared'])['loaded_at'] %}
  {% do return(kith.same_times(target, raw['relation'], loaded_at)) %}
{% endmacro %}

{% macro same_times(held, there, loaded_there='loaded_at') %}
  {% do return(kith.one_row(
      'select case when held.loads = there.loads and held.times = there.times then 1 else 0 end from ('
      ~ kith.select_loads('loaded_at', held) ~ ') as held cross join ('
      ~ kith.select_loads(loaded_there, there) ~ ') as there')[0] == 1) %}
{% endmacro %}

{% macro select_loads(loaded_at, relation) %}
    select
        count(*) as loads,
        cast(coalesce(sum(mod({{ kith.seconds_between(kith.text_timestamp('2000-01-01 00:00:00'), 'loaded') }}, 1000003)), 0) as bigint) as times
    from (select {{ loaded_at }} as loaded from {{ relation }}) as loaded_rows
{% endmacro %}
