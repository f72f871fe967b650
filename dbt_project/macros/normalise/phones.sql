{#- Form of phones: E.164 first, in a step of its own, for the reason takes it beside what was written. -#}


{#- The number in E.164 form; null when no digit is in it. An extension and a
    (0) after the country code are cut off, 00 is +, a number without a country code is of the default
    country. -#}
{% macro phone_e164(written) -%}
    {%- set country = var('default_country_code') | string -%}
    {%- set length = var('national_number_length', none) -%}
    {%- set signs = kith.regexp_replace(kith.phone_without_extension(written), '[(] *0 *[)]|[^0-9+]', '') -%}
    {%- set digits = 'replace(' ~ signs ~ ", '+', '')" -%}
    case
        when {{ digits }} = '' then null
        when {{ signs }} like '+%' then '+' || {{ digits }}
        when {{ digits }} like '00%' then '+' || substr({{ digits }}, 3)
        {%- if length %}
        when {{ digits }} like '{{ country }}%' and length({{ digits }}) = {{ country | length + length }}
            then '+' || {{ digits }}
        {%- endif %}
        else '+{{ country }}' || {{ kith.without_trunk_zero(digits, country) }}
    end
{%- endmacro %}

{#- The match key: a number behind a switchboard is another one than the switchboard's. -#}
{% macro phone_key(written, number) -%}
    {%- set dialled = kith.regexp_replace('lower(' ~ written ~ ')', '[^0-9x#;,]', '') -%}
    case
        when {{ kith.phone_has_extension(written) }}
            then {{ number }} || ';ext=' || {{ kith.regexp_replace(dialled, '^.*[x#;,]', '') }}
        else {{ number }}
    end
{%- endmacro %}

{#- After a comma or a semicolon few digits are an extension, many another number. -#}
{% macro phone_has_extension(written) -%}
    {{ kith.regexp_like('lower(' ~ written ~ ')', '(ext|x|#)[^0-9]*[0-9]|[;,][^0-9]*[0-9]{1,7}[^0-9]*$') }}
{%- endmacro %}

{% macro phone_without_extension(written) -%}
    {{ kith.regexp_replace('lower(' ~ written ~ ')', '^ *tel:|(ext|x|#|;|,)(.|[^.])*$', '') }}
{%- endmacro %}

{#- The trunk zero is dialled within a country alone; in Italy it belongs to the number. -#}
{% macro without_trunk_zero(digits, country) -%}
    {{ digits if country == '39' else kith.regexp_replace(digits, '^0+', '') }}
{%- endmacro %}

{#- Why it is no number, null when it may be one. -#}
{% macro phone_invalid_reason(written, number) -%}
    {%- set digits = 'substr(' ~ number ~ ', 2)' -%}
    {%- set country = var('default_country_code') | string -%}
    {%- set length = var('national_number_length', none) -%}
    case
        when {{ written }} is null then 'empty'
        when lower({{ written }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ number }} is null or {{ kith.regexp_like(kith.phone_without_extension(written), '[a-z@]') }}
            then 'not a number'
        when length({{ digits }}) not between 8 and 15 or {{ digits }} like '0%' then 'wrong length'
        {%- if length %}
        when {{ digits }} like '{{ country }}%' and length({{ digits }}) <> {{ country | length + length }}
            then 'wrong length'
        {%- endif %}
        when
            replace(substr({{ digits }}, length({{ digits }}) - 6), substr({{ digits }}, length({{ digits }})), '') = ''
            or {{ kith.regexp_like(digits, '(123456789|1234567890|987654321)$') }}
            then 'a placeholder'
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}

{#- Why it is no match key, null when it may be one: an office reads out its number, whoever is called. -#}
{% macro phone_key_invalid_reason(written, number) -%}
    coalesce(
        {{ kith.phone_invalid_reason(written, number) }},
        case when {{ kith.phone_has_extension(written) }} then 'an extension' end
    )
{%- endmacro %}

{#- The number, or null. -#}
{% macro valid_phone(written, number) -%}
    case when {{ kith.phone_invalid_reason(written, number) }} is null then {{ number }} end
{%- endmacro %}
