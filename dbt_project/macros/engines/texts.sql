{#- Texts: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{% macro as_text(expression) -%}
    cast({{ expression }} as {{ kith.type_of('text') }})
{%- endmacro %}

{#- A text as a literal. Two quotes are one within a literal, but for Spark the end of one and the begin of the next. -#}
{% macro text_literal(value) -%}
    {{ adapter.dispatch('text_literal', 'kith')(value | string) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}

{% macro bigquery__text_literal(value) -%}
    {{ kith.spark__text_literal(value) }}
{%- endmacro %}

{% macro snowflake__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro %}

{#- A whole number as text. Sail's planner fails over the bounds of a bare cast: 9 is less than 10, as texts it is more. -#}
{% macro integer_text(expression) -%}
    {{ adapter.dispatch('integer_text', 'kith')(expression) }}
{%- endmacro %}

{% macro default__integer_text(expression) -%}
    {{ kith.as_text(expression) }}
{%- endmacro %}

{% macro spark__integer_text(expression) -%}
    concat('', cast({{ expression }} as string))
{%- endmacro %}

{#- A nested or JSON value as JSON text; DuckDB's cast of a struct is no JSON. -#}
{% macro nested_as_text(expression) -%}
    {{ adapter.dispatch('nested_as_text', 'kith')(expression) }}
{%- endmacro %}

{% macro default__nested_as_text(expression) -%}
    cast(to_json({{ expression }}) as {{ kith.type_of('text') }})
{%- endmacro %}

{% macro snowflake__nested_as_text(expression) -%}
    to_json({{ expression }})
{%- endmacro %}

{% macro spark__nested_as_text(expression) -%}
    to_json({{ expression }})
{%- endmacro %}

{% macro bigquery__nested_as_text(expression) -%}
    to_json_string({{ expression }})
{%- endmacro %}

{% macro redshift__nested_as_text(expression) -%}
    json_serialize({{ expression }})
{%- endmacro %}

{#- Text that sorts by its bytes. PostgreSQL sorts by the database's collation unless told. -#}
{% macro bytewise(expression) -%}
    {{ adapter.dispatch('bytewise', 'kith')(expression) }}
{%- endmacro %}

{% macro default__bytewise(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro postgres__bytewise(expression) -%}
    ({{ expression }}) collate "C"
{%- endmacro %}

{#- Redshift sorts by bytes, and names no collation so. -#}
{% macro redshift__bytewise(expression) -%}
    {{ expression }}
{%- endmacro %}

{#- Without blanks, tabs and line ends at both ends; plain trim() takes off blanks alone. -#}
{% macro trimmed(expression) -%}
    {{ adapter.dispatch('trimmed', 'kith')(expression) }}
{%- endmacro %}

{% macro default__trimmed(expression) -%}
    trim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{#- DuckDB trims by a set of characters slowly, and most values have none to trim. -#}
{% macro duckdb__trimmed(expression) -%}
    case
        when substr({{ expression }}, 1, 1) > ' ' and substr({{ expression }}, -1, 1) > ' ' then {{ expression }}
        else {{ kith.default__trimmed(expression) }}
    end
{%- endmacro %}

{% macro postgres__trimmed(expression) -%}
    btrim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{% macro spark__trimmed(expression) -%}
    btrim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{#- The numbered piece (from 1) between separators, '' when there is none. -#}
{% macro split_part(expression, separator, number) -%}
    {{ adapter.dispatch('split_part', 'kith')(expression, separator, number) }}
{%- endmacro %}

{% macro default__split_part(expression, separator, number) -%}
    split_part({{ expression }}, '{{ separator }}', {{ number }})
{%- endmacro %}

{% macro bigquery__split_part(expression, separator, number) -%}
    coalesce(split({{ expression }}, '{{ separator }}')[safe_offset({{ number }} - 1)], '')
{%- endmacro %}

{#- MD5 in lower-case hex; BigQuery's is bytes. Never for keys that a collision could harm. -#}
{% macro md5_hex(expression) -%}
    {{ adapter.dispatch('md5_hex', 'kith')(expression) }}
{%- endmacro %}

{% macro default__md5_hex(expression) -%}
    md5({{ expression }})
{%- endmacro %}

{% macro bigquery__md5_hex(expression) -%}
    to_hex(md5({{ expression }}))
{%- endmacro %}

{#- Texts joined in the bytewise order of `order_by` (the text itself by default). Spark has no string_agg. -#}
{% macro string_agg(expression, separator=',', order_by=none) -%}
    {{ adapter.dispatch('string_agg', 'kith')(expression, separator, order_by or expression) }}
{%- endmacro %}

{% macro default__string_agg(expression, separator, order_by) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ kith.bytewise(order_by) }})
{%- endmacro %}

{% macro spark__string_agg(expression, separator, order_by) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{% macro snowflake__string_agg(expression, separator, order_by) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{% macro redshift__string_agg(expression, separator, order_by) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{#- Distinct texts joined in bytewise order. PostgreSQL wants the order expression to be the argument. -#}
{% macro string_agg_distinct(expression, separator=',') -%}
    {{ adapter.dispatch('string_agg_distinct', 'kith')(expression, separator) }}
{%- endmacro %}

{% macro default__string_agg_distinct(expression, separator) -%}
    string_agg(distinct {{ kith.bytewise(expression) }}, '{{ separator }}' order by {{ kith.bytewise(expression) }})
{%- endmacro %}

{% macro spark__string_agg_distinct(expression, separator) -%}
    array_join(array_sort(collect_set({{ expression }})), '{{ separator }}')
{%- endmacro %}

{% macro snowflake__string_agg_distinct(expression, separator) -%}
    listagg(distinct {{ expression }}, '{{ separator }}') within group (order by {{ expression }})
{%- endmacro %}

{% macro redshift__string_agg_distinct(expression, separator) -%}
    listagg(distinct {{ expression }}, '{{ separator }}') within group (order by {{ expression }})
{%- endmacro %}
