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

{#- A text of a number as a decimal. Sail's cast to one gives null for scientific notation; its cast to a float reads it. -#}
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

{#- The words differ from engine to engine, so they are listed. Loaders make a float of one that may be null: 1.0 is true. -#}
{% macro try_cast_boolean(expression) -%}
    case
        when lower({{ expression }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ expression }}) in ('false', 'f', 'no', 'n', '0') then false
        when {{ kith.regexp_like(expression, '^1[.]0*$') }} then true
        when {{ kith.regexp_like(expression, '^-?0([.]0*)?$') }} then false
    end
{%- endmacro %}

{% macro try_cast_date(expression) -%}
    cast({{ kith.try_cast_timestamp(expression) }} as date)
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
