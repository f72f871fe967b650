{#- Casts that give null instead of an error: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- PostgreSQL has no try_cast; since 16 it can be asked whether a text is valid for a type. -#}
{% macro try_cast(expression, sql_type) -%}
    {{ adapter.dispatch('try_cast', 'kith')(expression, sql_type) }}
{%- endmacro %}

{% macro default__try_cast(expression, sql_type) -%}
    try_cast({{ expression }} as {{ sql_type }})
{%- endmacro %}

{% macro postgres__try_cast(expression, sql_type) -%}
    case
        when pg_input_is_valid({{ expression }}, '{{ sql_type }}')
            then cast({{ expression }} as {{ sql_type }})
    end
{%- endmacro %}

{% macro redshift__try_cast(expression, sql_type) -%}
    try_cast({{ expression }} as {{ sql_type }})
{%- endmacro %}

{% macro bigquery__try_cast(expression, sql_type) -%}
    safe_cast({{ expression }} as {{ sql_type }})
{%- endmacro %}

{#- A number in plain or scientific notation; engines also take words such as NaN, which are none here. -#}
{% macro try_cast_number(expression, kind='number') -%}
    case
        when {{ kith.regexp_like(expression, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$') }}
            then {{ kith.number_text(expression, kith.type_of(kind)) }}
    end
{%- endmacro %}

{#- A text of a number as a decimal. Sail's cast to one gives null for scientific notation, and its floats' does not. -#}
{% macro number_text(expression, sql_type) -%}
    {{ adapter.dispatch('number_text', 'kith')(expression, sql_type) }}
{%- endmacro %}

{% macro default__number_text(expression, sql_type) -%}
    {{ kith.try_cast(expression, sql_type) }}
{%- endmacro %}

{#- By way of the float's shortest text, which is rounded as a decimal is. -#}
{% macro spark__number_text(expression, sql_type) -%}
    {%- set float = 'try_cast(' ~ expression ~ ' as double)' -%}
    coalesce(
                try_cast({{ expression }} as {{ sql_type }}),
                case
                    when {{ expression }} like '%e%' or {{ expression }} like '%E%'
                        then coalesce(try_cast(cast({{ float }} as string) as {{ sql_type }}), try_cast({{ float }} as {{ sql_type }}))
                end
            )
{%- endmacro %}

{% macro databricks__number_text(expression, sql_type) -%}
    {{ kith.try_cast(expression, sql_type) }}
{%- endmacro %}

{% macro try_cast_money(expression) -%}
    {{ kith.try_cast_number(expression, 'money') }}
{%- endmacro %}

{#- A whole number, also when a loader wrote it as 3.0; DuckDB would round 3.7 and PostgreSQL refuse it. -#}
{% macro try_cast_integer(expression) -%}
    case
        when {{ kith.regexp_like(expression, '^[+-]?[0-9]+([.]0*)?$') }}
            then {{ kith.try_cast(kith.regexp_replace(expression, '[.]0*$', ''), kith.type_of('integer')) }}
    end
{%- endmacro %}

{#- The words differ from engine to engine, so they are listed. -#}
{% macro try_cast_boolean(expression) -%}
    case
        when lower({{ expression }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ expression }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}

{% macro try_cast_date(expression) -%}
    cast({{ kith.try_cast_timestamp(expression) }} as date)
{%- endmacro %}

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


{#- A native number as a decimal. PostgreSQL would stop at one that does not fit, or be given NaN; a binary
    float goes by its shortest text everywhere, for engines round it differently. -#}
{% macro try_cast_decimal(expression, kind) -%}
    {{ adapter.dispatch('try_cast_decimal', 'kith')(expression, kind) }}
{%- endmacro %}

{% macro default__try_cast_decimal(expression, kind) -%}
    try_cast({{ expression }} as {{ kith.type_of(kind) }})
{%- endmacro %}

{% macro postgres__try_cast_decimal(expression, kind) -%}
    {{ kith.try_cast_number(kith.as_text(expression), kind) }}
{%- endmacro %}

{#- Snowflake tries a cast from text alone. -#}
{% macro snowflake__try_cast_decimal(expression, kind) -%}
    try_cast(to_varchar({{ expression }}) as {{ kith.type_of(kind) }})
{%- endmacro %}

{% macro bigquery__try_cast_decimal(expression, kind) -%}
    safe_cast({{ expression }} as {{ kith.type_of(kind) }})
{%- endmacro %}
