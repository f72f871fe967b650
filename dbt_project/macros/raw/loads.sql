{#- When the rows of a table were loaded: from when to read again, and whether two tables have the same loads. -#}


{#- The last load of these rows minus the overlap, as SQL; none when no row says when it was loaded. -#}
{% macro last_load(rows) %}
  {% set last = kith.one_row("select cast(max(loaded_at) as " ~ kith.type_of('text') ~ ") from " ~ rows)[0] %}
  {% if last is none %}{% do return(none) %}{% endif %}
  {% do return(kith.add_time(kith.text_timestamp(last), -(var('load_overlap_minutes') | int), 'minute') | trim) %}
{% endmacro %}

{#- Whether the table has the raw table's rows, by their number and a sum over their load times. -#}
{% macro same_loads(target, raw) %}
  {% set loaded_at = kith.system_columns(raw['declared'])['loaded_at'] %}
  {% do return(kith.same_times(target, raw['relation'], loaded_at)) %}
{% endmacro %}

{% macro same_times(held, there, loaded_there='loaded_at') %}
  {% set loads_held = kith.one_row(kith.select_loads('loaded_at', held)) | list %}
  {% set loads_there = kith.one_row(kith.select_loads(loaded_there, there)) | list %}
  {% do return(loads_held == loads_there) %}
{% endmacro %}

{% macro select_loads(loaded_at, relation) %}
    select
        count(*),
        cast(coalesce(sum(mod({{ kith.seconds_between("timestamp '2000-01-01 00:00:00'", 'loaded') }}, 1000003)), 0) as bigint)
    from (select {{ loaded_at }} as loaded from {{ relation }}) as loads
{% endmacro %}
