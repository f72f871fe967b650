{#- JSON that is written: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- JSON as canonical text: sorted keys, no blanks, nulls left out. Every engine's own JSON writer spells
    something its own way, so it is joined from text here and equal to the byte everywhere. ------------ -#}

{#- A JSON object from SQL by key, each value a text, or a list [kind, SQL] with text, number, boolean,
    timestamp or json. -#}
{% macro json_object(members) -%}
    {%- set parts = [] -%}
    {%- for name in members | sort -%}
        {%- set member = members[name] -%}
        {%- set kind, expression = ('text', member) if member is string else (member[0], member[1]) -%}
        {%- do parts.append("coalesce(',\"" ~ name ~ "\":' || " ~ kith.json_value(kind, expression) ~ ", '')") -%}
    {%- endfor -%}
    '{' || substr(
        {{ parts | join('\n        || ') }},
        2
    ) || '}'
{%- endmacro %}

{% macro json_value(kind, expression) -%}
    {%- if kind == 'text' -%} {{ kith.json_text(expression) }}
    {%- elif kind == 'timestamp' -%} '"' || {{ kith.iso_text(expression) }} || '"'
    {%- elif kind == 'json' -%} {{ expression }}
    {%- else -%} cast({{ expression }} as {{ kith.type_of('text') }})
    {%- endif -%}
{%- endmacro %}

{#- A text as a JSON string. Control characters other than tab and line ends are left out. -#}
{% macro json_text(expression) -%}
    '"' || {{ kith.json_escaped(expression) }} || '"'
{%- endmacro %}

{#- Spark reads a backslash in a literal as an escape: chr(92) is one everywhere. -#}
{% macro json_escaped(expression) -%}
    case
        when {{ kith.regexp_like(expression, '[^ !#-Z^-~]') }}
            then replace(replace(replace(replace(replace(
                {{ kith.without_controls(expression) }},
                chr(92), chr(92) || chr(92)), '"', chr(92) || '"'),
                chr(9), chr(92) || 't'), chr(10), chr(92) || 'n'), chr(13), chr(92) || 'r')
        else {{ expression }}
    end
{%- endmacro %}

{#- Whether control characters or a hard blank are in a text; no pattern names them alike on all engines. -#}
{% macro has_controls(expression) -%}
    {%- set codes = [] -%}
    {%- for code in range(1, 32) -%}
        {%- do codes.append('chr(' ~ code ~ ')') -%}
    {%- endfor -%}
    translate({{ expression }}, {{ codes | join(' || ') }} || chr(127) || chr(160), '') <> {{ expression }}
{%- endmacro %}

{% macro without_controls(expression) -%}
    {%- set codes = [] -%}
    {%- for code in range(1, 32) if code not in (9, 10, 13) -%}
        {%- do codes.append('chr(' ~ code ~ ')') -%}
    {%- endfor -%}
    translate({{ expression }}, {{ codes | join(' || ') }}, '')
{%- endmacro %}
