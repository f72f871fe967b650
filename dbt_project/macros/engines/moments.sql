{#- Moments from what a loader writes them as: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- ISO times as loaders write them (date alone, T or blank, one-digit hours, Z, UTC or an offset) as UTC
    without zone. A time without a zone is UTC. Casting to a plain timestamp ignores an offset on every
    engine, and to a zoned one takes the session's zone where there is none: hence the two ways. -#}
{% macro try_cast_timestamp(expression) -%}
    case
        when not {{ kith.regexp_like(expression, kith.iso_time_pattern()) }} then null
        when {{ kith.regexp_like('substr(' ~ expression ~ ', 11)', '[zZ+-]|UTC') }}
            then {{ kith.zoned_text_to_utc(expression) }}
        else {{ kith.try_cast(kith.regexp_replace(expression, '([.][0-9]{6})[0-9]+', kith.group_reference(1)), kith.type_of('timestamp')) }}
    end
{%- endmacro %}

{% macro iso_time_pattern() -%}
    ^[0-9]{4}-[01][0-9]-[0-3][0-9]([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?( ?([zZ]|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?$
{%- endmacro %}

{#- A blank before the offset is refused by DuckDB; a time zone's clock is read differently by each. -#}
{% macro zoned_text_to_utc(expression) -%}
    {{ adapter.dispatch('zoned_text_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__zoned_text_to_utc(expression) -%}
    {%- set compact = kith.regexp_replace(expression, ' ?([zZ]|UTC)$', '+00:00') -%}
    {%- set compact = kith.regexp_replace(compact, ' ?([+-][0-9]{2}:?([0-9]{2})?)$', kith.group_reference(1)) -%}
    make_timestamp(epoch_us(try_cast({{ compact }} as timestamptz)))
{%- endmacro %}

{% macro postgres__zoned_text_to_utc(expression) -%}
    {%- set compact = kith.regexp_replace(expression, ' ?([zZ]|UTC)$', '+00:00') -%}
    {%- set compact = kith.regexp_replace(compact, '([.][0-9]{6})[0-9]+', kith.group_reference(1)) -%}
    {{ kith.try_cast(compact, 'timestamp with time zone') }} at time zone 'UTC'
{%- endmacro %}

{% macro spark__zoned_text_to_utc(expression) -%}
    to_timestamp_ntz(to_utc_timestamp(try_cast({{ expression }} as timestamp), current_timezone()))
{%- endmacro %}

{% macro snowflake__zoned_text_to_utc(expression) -%}
    {%- set compact = kith.regexp_replace(expression, ' ?([zZ]|UTC)$', '+00:00') -%}
    cast(convert_timezone('UTC', try_to_timestamp_tz({{ compact }})) as timestamp_ntz)
{%- endmacro %}

{% macro bigquery__zoned_text_to_utc(expression) -%}
    safe_cast({{ expression }} as timestamp)
{%- endmacro %}

{% macro redshift__zoned_text_to_utc(expression) -%}
    cast(try_cast({{ expression }} as timestamptz) at time zone 'UTC' as timestamp)
{%- endmacro %}

{#- A zoned timestamp as UTC without zone. DuckDB's AT TIME ZONE needs an extension, its epoch does not. -#}
{% macro zoned_to_utc(expression) -%}
    {{ adapter.dispatch('zoned_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__zoned_to_utc(expression) -%}
    make_timestamp(epoch_us({{ expression }}))
{%- endmacro %}

{% macro postgres__zoned_to_utc(expression) -%}
    ({{ expression }}) at time zone 'UTC'
{%- endmacro %}

{% macro spark__zoned_to_utc(expression) -%}
    cast(to_utc_timestamp({{ expression }}, current_timezone()) as timestamp_ntz)
{%- endmacro %}

{% macro snowflake__zoned_to_utc(expression) -%}
    cast(convert_timezone('UTC', {{ expression }}) as timestamp_ntz)
{%- endmacro %}

{% macro bigquery__zoned_to_utc(expression) -%}
    {{ expression }}
{%- endmacro %}

{#- Seconds since 1970 (with a fraction) as UTC without zone. -#}
{% macro epoch_to_utc(expression) -%}
    {{ adapter.dispatch('epoch_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__epoch_to_utc(expression) -%}
    make_timestamp(cast(({{ expression }}) * 1000000 as bigint))
{%- endmacro %}

{% macro postgres__epoch_to_utc(expression) -%}
    (timestamp '1970-01-01' + ({{ expression }}) * interval '1 second')
{%- endmacro %}

{% macro spark__epoch_to_utc(expression) -%}
    {{ kith.spark__micros_to_utc('cast((' ~ expression ~ ') * 1000000 as bigint)') }}
{%- endmacro %}

{% macro snowflake__epoch_to_utc(expression) -%}
    to_timestamp_ntz(cast(({{ expression }}) * 1000000 as bigint), 6)
{%- endmacro %}

{% macro bigquery__epoch_to_utc(expression) -%}
    timestamp_micros(cast(({{ expression }}) * 1000000 as int64))
{%- endmacro %}

{#- Microseconds since 1970, a whole number, as UTC without zone; null beyond the year 9999, where engines fail. -#}
{% macro micros_to_utc(expression) -%}
    case
        when {{ expression }} between 0 and 253402300799999999
            then {{ adapter.dispatch('micros_to_utc', 'kith')(expression) }}
    end
{%- endmacro %}

{% macro default__micros_to_utc(expression) -%}
    make_timestamp({{ expression }})
{%- endmacro %}

{% macro postgres__micros_to_utc(expression) -%}
    (timestamp '1970-01-01' + ({{ expression }}) * interval '1 microsecond')
{%- endmacro %}

{% macro spark__micros_to_utc(expression) -%}
    to_timestamp_ntz(to_utc_timestamp(timestamp_micros({{ expression }}), current_timezone()))
{%- endmacro %}

{% macro snowflake__micros_to_utc(expression) -%}
    to_timestamp_ntz({{ expression }}, 6)
{%- endmacro %}

{% macro bigquery__micros_to_utc(expression) -%}
    timestamp_micros({{ expression }})
{%- endmacro %}
