{#- Names, dates of birth, and ids that people and systems write. -#}


{#- A name without stray blanks. -#}
{% macro name_clean(expression) -%}
    nullif({{ kith.trimmed(kith.single_blanks(expression)) }}, '')
{%- endmacro %}

{#- Why a clean name is none, null when it may be one. -#}
{% macro name_invalid_reason(name) -%}
    case
        when lower({{ name }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ name }} like '%@%' then 'an address'
        when {{ kith.regexp_like('lower(' ~ name ~ ')', '^[0-9a-f]{32}$|^[0-9a-f]{64}$') }} then 'a digest'
        when {{ kith.regexp_like(name, '^[0-9 .+()-]+$') }} then 'a number'
    end
{%- endmacro %}

{#- The clean name when it is valid, or null. -#}
{% macro valid_name(expression) -%}
    {%- set name = kith.name_clean(expression) -%}
    case when {{ kith.name_invalid_reason(name) }} is null then {{ name }} end
{%- endmacro %}

{#- A name to compare; null for none that is valid. -#}
{% macro name_key(expression) -%}
    lower({{ kith.valid_name(expression) }})
{%- endmacro %}

{#- Why a date is no date of birth, null when it may be one. -#}
{% macro birth_date_invalid_reason(expression) -%}
    case
        when cast({{ expression }} as {{ kith.type_of('timestamp') }}) > {{ kith.now_utc() }} then 'in the future'
        when extract(year from {{ expression }}) < extract(year from {{ kith.now_utc() }}) - 120
            then 'longer ago than anyone lives'
        when cast({{ expression }} as {{ kith.type_of('text') }}) in ({{ kith.text_list(var('placeholder_birth_dates')) }})
            then 'a date for nothing'
    end
{%- endmacro %}

{#- Why an id is none, null when it may be one: words for nothing, and the zeros that phones give to those
    who may not know. -#}
{% macro id_invalid_reason(expression) -%}
    case
        when lower({{ expression }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ kith.regexp_like(expression, '^[0-]+$') }} then 'a placeholder'
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}


{#- The number of an identity document to compare: capitals and digits alone. -#}
{% macro document_key(expression) -%}
    nullif({{ kith.regexp_replace('upper(' ~ expression ~ ')', '[^0-9A-Z]', '') }}, '')
{%- endmacro %}
