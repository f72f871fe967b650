{#- Time: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- The one clock: the variable `now`, else KITH_NOW, else when the run started; UTC, without zone. -#}
{% macro now_utc() -%}
    cast('{{ kith.now_moment().strftime("%Y-%m-%d %H:%M:%S.%f") }}' as {{ kith.type_of('timestamp') }})
{%- endmacro %}

{#- The same as a Python datetime in UTC. -#}
{% macro now_moment() %}
    {#- Not at parse time: a model that names a variable of the environment is parsed anew whenever it changes. -#}
    {% set given = var('now', none) or (env_var('KITH_NOW', '') if execute else '') %}
    {% set moment = modules.datetime.datetime.fromisoformat(given | string | trim) if given else run_started_at %}
    {% do return(moment.astimezone(modules.pytz.utc) if moment.tzinfo else modules.pytz.utc.localize(moment)) %}
{% endmacro %}

{#- The latest time at which something may have happened: now, and what clocks may differ by. -#}
{% macro latest_past() -%}
    {{ kith.add_time(kith.now_utc(), var('future_tolerance_minutes'), 'minute') }}
{%- endmacro %}

{#- A timestamp as ISO text with microseconds and Z. -#}
{% macro iso_text(expression) -%}
    {{ adapter.dispatch('iso_text', 'kith')(expression) }}
{%- endmacro %}

{% macro default__iso_text(expression) -%}
    strftime({{ expression }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}

{% macro postgres__iso_text(expression) -%}
    to_char({{ expression }}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro %}

{% macro spark__iso_text(expression) -%}
    date_format({{ expression }}, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
{%- endmacro %}

{% macro snowflake__iso_text(expression) -%}
    to_char({{ expression }}, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"')
{%- endmacro %}

{% macro bigquery__iso_text(expression) -%}
    format_timestamp('%Y-%m-%dT%H:%M:%E6SZ', {{ expression }}, 'UTC')
{%- endmacro %}

{#- Whole seconds from one timestamp to another, rounded down. Engines count boundaries or intervals
    otherwise, each its own way. -#}
{% macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between', 'kith')(earlier, later) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(floor((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000) as bigint)
{%- endmacro %}

{% macro postgres__seconds_between(earlier, later) -%}
    cast(floor(extract(epoch from (({{ later }}) - ({{ earlier }})))) as bigint)
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(floor((unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000) as bigint)
{%- endmacro %}

{% macro snowflake__seconds_between(earlier, later) -%}
    cast(floor(datediff(microsecond, {{ earlier }}, {{ later }}) / 1000000) as bigint)
{%- endmacro %}

{% macro redshift__seconds_between(earlier, later) -%}
    cast(floor(datediff(microsecond, {{ earlier }}, {{ later }}) / 1000000) as bigint)
{%- endmacro %}

{% macro bigquery__seconds_between(earlier, later) -%}
    cast(floor(timestamp_diff({{ later }}, {{ earlier }}, microsecond) / 1000000) as int64)
{%- endmacro %}

{#- Calendar days from one timestamp's or date's day to another's. -#}
{% macro days_between(earlier, later) -%}
    {{ adapter.dispatch('days_between', 'kith')(earlier, later) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    date_diff('day', cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}

{% macro postgres__days_between(earlier, later) -%}
    (cast({{ later }} as date) - cast({{ earlier }} as date))
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff(cast({{ later }} as date), cast({{ earlier }} as date))
{%- endmacro %}

{% macro snowflake__days_between(earlier, later) -%}
    datediff(day, cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}

{% macro redshift__days_between(earlier, later) -%}
    datediff(day, cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}

{% macro bigquery__days_between(earlier, later) -%}
    date_diff(cast({{ later }} as date), cast({{ earlier }} as date), day)
{%- endmacro %}

{#- A timestamp moved by a number (SQL) of seconds, minutes, hours or days; Spark multiplies no interval, and Sail
    gives a moment where it got a time without zone. -#}
{% macro add_time(expression, number, unit) -%}
    {{ adapter.dispatch('add_time', 'kith')(expression, number, unit) }}
{%- endmacro %}

{% macro default__add_time(expression, number, unit) -%}
    (({{ expression }}) + ({{ number }}) * interval '1 {{ unit }}')
{%- endmacro %}

{% macro spark__add_time(expression, number, unit) -%}
    cast(timestampadd({{ unit }}, {{ number }}, {{ expression }}) as timestamp_ntz)
{%- endmacro %}

{% macro snowflake__add_time(expression, number, unit) -%}
    dateadd({{ unit }}, {{ number }}, {{ expression }})
{%- endmacro %}

{% macro redshift__add_time(expression, number, unit) -%}
    dateadd({{ unit }}, {{ number }}, {{ expression }})
{%- endmacro %}

{% macro bigquery__add_time(expression, number, unit) -%}
    timestamp_add({{ expression }}, interval {{ number }} {{ unit }})
{%- endmacro %}
