{#- Patterns in texts: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- Whether a pattern is found anywhere. The patterns keep to what RE2, POSIX and Java share: no look-around,
    no backslash, no named class. -#}
{% macro regexp_like(expression, pattern) -%}
    {{ adapter.dispatch('regexp_like', 'kith')(expression, pattern) }}
{%- endmacro %}

{% macro default__regexp_like(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__regexp_like(expression, pattern) -%}
    (({{ expression }}) ~ '{{ pattern }}')
{%- endmacro %}

{% macro spark__regexp_like(expression, pattern) -%}
    regexp_like({{ expression }}, {{ kith.text_literal(pattern | replace("''", "'")) }})
{%- endmacro %}

{#- Snowflake's own REGEXP_LIKE wants the whole text to match. -#}
{% macro snowflake__regexp_like(expression, pattern) -%}
    (regexp_instr({{ expression }}, '{{ pattern }}') > 0)
{%- endmacro %}

{% macro bigquery__regexp_like(expression, pattern) -%}
    regexp_contains({{ expression }}, {{ kith.text_literal(pattern | replace("''", "'")) }})
{%- endmacro %}

{#- Every occurrence replaced. Spark replaces all without being told; for DuckDB and PostgreSQL 'g' tells. -#}
{% macro regexp_replace(expression, pattern, replacement) -%}
    {{ adapter.dispatch('regexp_replace', 'kith')(expression, pattern, replacement) }}
{%- endmacro %}

{% macro default__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, {{ kith.text_literal(pattern | replace("''", "'")) }}, '{{ replacement }}')
{%- endmacro %}

{% macro snowflake__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{% macro redshift__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{% macro bigquery__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, {{ kith.text_literal(pattern | replace("''", "'")) }}, '{{ replacement }}')
{%- endmacro %}

{#- Runs of blanks, tabs, line ends and hard blanks as one blank; a class of white space is another on each. -#}
{% macro single_blanks(expression) -%}
    {%- set others = 'chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)' -%}
    {{ kith.regexp_replace('translate(' ~ expression ~ ', ' ~ others ~ ", '      ')", ' +', ' ') }}
{%- endmacro %}

{#- The replacement that stands for a group of the pattern: backslash or, in Java, a dollar. -#}
{% macro group_reference(number) -%}
    {{ adapter.dispatch('group_reference', 'kith')(number) }}
{%- endmacro %}

{% macro default__group_reference(number) -%}
    {{ '\\' ~ number }}
{%- endmacro %}

{% macro spark__group_reference(number) -%}
    {{ '$' ~ number }}
{%- endmacro %}

{#- A backslash in a literal is an escape there. -#}
{% macro snowflake__group_reference(number) -%}
    {{ '\\\\' ~ number }}
{%- endmacro %}

{% macro bigquery__group_reference(number) -%}
    {{ '\\\\' ~ number }}
{%- endmacro %}

{% macro redshift__group_reference(number) -%}
    {{ '\\\\' ~ number }}
{%- endmacro %}

{#- The first group of the first match, null when there is none; DuckDB and Spark give an empty text. -#}
{% macro regexp_extract(expression, pattern) -%}
    {{ adapter.dispatch('regexp_extract', 'kith')(expression, pattern) }}
{%- endmacro %}

{% macro default__regexp_extract(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{% macro postgres__regexp_extract(expression, pattern) -%}
    nullif(substring({{ expression }} from '{{ pattern }}'), '')
{%- endmacro %}

{% macro snowflake__regexp_extract(expression, pattern) -%}
    nullif(regexp_substr({{ expression }}, '{{ pattern }}', 1, 1, 'e', 1), '')
{%- endmacro %}

{% macro redshift__regexp_extract(expression, pattern) -%}
    nullif(regexp_substr({{ expression }}, '{{ pattern }}', 1, 1, 'e'), '')
{%- endmacro %}

{% macro bigquery__regexp_extract(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}'), '')
{%- endmacro %}
